// SPDX-License-Identifier: Apache-2.0
// Charts come in a file of their own, when the first one is needed.
import { lazy, Suspense } from 'react';
import { useSession } from '../frame/session';
import { Boundary } from '../frame/boundary';
import { Bones } from '../frame/states';
import { ink } from './colors';
import type { ChartProps } from './echart';

const EChart = lazy(() => import('./echart'));

export function Chart(props: Omit<ChartProps, 'background'>) {
  const { theme } = useSession();
  return (
    <Boundary>
      <Suspense fallback={<Bones height="100%" />}>
        <EChart {...props} background={ink(theme).paper} />
      </Suspense>
    </Boundary>
  );
}
