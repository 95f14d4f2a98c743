// SPDX-License-Identifier: Apache-2.0
import { Alert, Masthead, MastheadContent, MastheadMain, MastheadBrand, Nav, NavItem, NavList, Page, PageSection, SkipToContent } from '@patternfly/react-core';
import { lazy, Suspense, useEffect, type FormEvent } from 'react';
import { FilterBar } from '../filter/filter_bar';
import { FilterMenuProvider } from '../filter/filter_menu';
import { visible } from '../lib/visible';
import { texts } from '../texts';
import { VIEWS, type ViewName } from '../url/state';
import { hrefOf, useView } from '../url/use_view';
import { Boundary } from './boundary';
import { CompletenessBadge } from './badge';
import { RefreshControl } from './refresh';
import { SavedViews } from './saved_views';
import { useSession } from './session';
import { Settings } from './settings';
import { Bones, WrongToken } from './states';
import { TimeRange } from './time_range';

const VIEW = {
  overview: lazy(() => import('../overview/overview')),
  traffic: lazy(() => import('../traffic/traffic')),
  topology: lazy(() => import('../topology/topology')),
};

function Navigation() {
  const [view, change] = useView();
  const go = (name: ViewName) => (event: FormEvent): void => {
    const click = event.nativeEvent as MouseEvent;
    if (click.metaKey || click.ctrlKey || click.shiftKey) return;
    event.preventDefault();
    change({ view: name, row: '', full: '', node: '', to: '' });
  };
  return (
    <Nav variant="horizontal" aria-label={texts.nav.label} className="nf-nav">
      <NavList>
        {VIEWS.map((name) => (
          <NavItem key={name} itemId={name} isActive={view.view === name} to={hrefOf({ view: name, row: '', full: '', node: '', to: '' })} onClick={go(name)}>
            {texts.nav[name]}
          </NavItem>
        ))}
      </NavList>
    </Nav>
  );
}

function Head() {
  const { status } = useSession();
  const host = status?.node ?? '';
  return (
    <Masthead className="nf-head" display={{ default: 'inline' }} inset={{ default: 'insetNone' }}>
      <MastheadMain>
        <MastheadBrand className="nf-brand">
          <img src="./favicon.svg" alt="" width={22} height={22} />
          <span className="nf-brand__name">nameflow</span>
          {host ? <span className="nf-brand__host" title={texts.host}>{visible(host)}</span> : null}
        </MastheadBrand>
      </MastheadMain>
      <MastheadContent className="nf-head__content">
        <Navigation />
        <div className="nf-head__tools">
          <CompletenessBadge />
          <SavedViews />
          <Settings />
        </div>
      </MastheadContent>
    </Masthead>
  );
}

function ConnectionBanner() {
  const { connection } = useSession();
  if (connection !== 'gone') return null;
  return <Alert isInline variant="warning" title={texts.gone.title} className="nf-gone" isLiveRegion>{texts.gone.help}</Alert>;
}

export function App() {
  const [view] = useView();
  const { connection } = useSession();
  useEffect(() => {
    document.title = `${texts.nav[view.view]} · nameflow`;
  }, [view.view]);
  if (connection === 'token') return <main className="nf-alone"><WrongToken /></main>;
  const View = VIEW[view.view];
  return (
    <Page
      masthead={<Head />}
      skipToContent={<SkipToContent href="#nf-main">{texts.skip}</SkipToContent>}
      mainContainerId="nf-main"
      isContentFilled
      className="nf-page"
    >
      <FilterMenuProvider>
        <ConnectionBanner />
        <PageSection className="nf-controls" hasBodyWrapper={false} type="subnav" aria-label={texts.controls}>
          <FilterBar />
          <div className="nf-controls__time">
            <TimeRange />
            <RefreshControl />
          </div>
        </PageSection>
        <PageSection isFilled hasBodyWrapper={false} className={`nf-view nf-view--${view.view}`} aria-label={texts.nav[view.view]}>
          <h1 className="nf-sr">{texts.nav[view.view]}</h1>
          <Boundary key={view.view}>
            <Suspense fallback={<Bones lines={8} />}>
              <View />
            </Suspense>
          </Boundary>
        </PageSection>
      </FilterMenuProvider>
    </Page>
  );
}
