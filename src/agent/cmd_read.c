/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/commands.h"
#include "agent/output.h"
#include "agent/pipeline.h"
#include "tap/pcap.h"
#include "base/clock.h"
#include <getopt.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
struct rd { struct pipeline*p; struct output out; bool json; int64_t last; };
static void on_rec(void*c, struct record*r){ struct rd*d=c; if(!d->json) return; record_to_json(r,&d->out.buf); buf_putc(&d->out.buf,'\n'); output_flush(&d->out,false);}
static void on_fr(void*c,const struct frame*f){ struct rd*d=c; pipeline_push(d->p,f); if(f->time_ns>d->last) d->last=f->time_ns; pipeline_tick(d->p,d->last);}
int cmd_read(int argc, char **argv)
{
    static const struct option o[]={{"json",0,0,'j'},{"summary",0,0,'S'},{"port",1,0,'p'},{"timeout",1,0,'t'},{0}};
    struct pipeline_options po={0}; struct rd d={.out={.fd=1}}; int k,rc=0;
    while((k=getopt_long(argc,argv,"",o,NULL))!=-1) switch(k){ case 'j': d.json=true; break; case 'S': break;
    case 'p': for(char*t=strtok(optarg,",");t;t=strtok(0,",")) po.ports[po.port_count++]=(uint16_t)atoi(t); break; case 't': po.txn.timeout_ns=(int64_t)(atof(optarg)*1e9); break; default: return 2; }
    d.p=pipeline_new(&po,on_rec,&d);
    for(int i=optind;i<argc;i++){ char err[512]; struct tap_pcap*t; if(tap_pcap_open(&t,argv[i],err,sizeof err)<0){fprintf(stderr,"nameflow: %s\n",err); rc=1; continue;} int n; while((n=tap_pcap_read(t,256,on_fr,&d,err,sizeof err))>0); if(n<0){fprintf(stderr,"nameflow: %s\n",err); rc=1;} tap_pcap_close(t);}
    pipeline_flush(d.p); output_flush(&d.out,true); output_done(&d.out);
    if(!d.json){struct pipeline_stats s=pipeline_stats(d.p); fprintf(stderr,"frames %lu transactions %lu\n",s.pkt->frames,s.txn->transactions);}
    pipeline_free(d.p); return rc;
}
