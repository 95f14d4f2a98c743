/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/commands.h"
#include "agent/trace.h"
#include <getopt.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>
#include "base/clock.h"
int cmd_trace(int argc, char **argv)
{
    static const struct option o[]={{"json",0,0,'j'},{"count",1,0,'c'},{"for",1,0,'f'},{"port",1,0,'p'},{"ring-bytes",1,0,'r'},{"timeout",1,0,'t'},{"sample",1,0,'s'},{"quiet",0,0,'q'},{"no-color",0,0,'n'},{0}};
    struct trace_settings s={0}; int k;
    while((k=getopt_long(argc,argv,"",o,NULL))!=-1) switch(k){
    case 'j': s.format=TRACE_JSON; break; case 'q': s.format=TRACE_QUIET; break;
    case 'c': s.count=strtoull(optarg,0,10); break; case 'f': s.duration_ns=(int64_t)(atof(optarg)*1e9); break;
    case 'p': for(char*t=strtok(optarg,",");t;t=strtok(0,",")) s.tap.ports[s.tap.port_count++]=(uint16_t)atoi(t); break;
    case 'r': s.tap.ring_bytes=(uint32_t)atoi(optarg); break; case 't': s.txn.timeout_ns=(int64_t)(atof(optarg)*1e9); break; case 's': s.tap.sample=(uint32_t)atoi(optarg); break; case 'n': break; default: return 2; }
    struct buf b={0}; for(int i=optind;i<argc;i++){ if(i>optind) buf_putc(&b,' '); buf_puts(&b,argv[i]); }
    struct filter*f=NULL; struct filter_error e; if(b.len && filter_parse(b.data,b.len,clock_ns(CLOCK_REALTIME),&f,&e)<0){ struct buf m={0}; filter_error_show(b.data,b.len,&e,&m); fprintf(stderr,"%s\n",buf_cstr(&m)); return 2;}
    s.filter=f; int r=trace_run(&s); filter_free(f); buf_done(&b); return r;
}
