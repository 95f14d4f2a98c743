/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/commands.h"
#include "agent/demo_net.h"
#include "agent/trace.h"
#include <errno.h>
#include <stdio.h>
static void ready(void*c){demo_net_ask(c);} static int check(void*c,char*e,size_t n){return demo_net_check(c,e,n);}
int cmd_demo(int argc, char **argv)
{ (void)argc;(void)argv; struct demo_net net; char err[256]; int r=demo_net_start(&net,err,sizeof err); if(r<0){fprintf(stderr,"nameflow: %s\n",err); return r==-EPERM?77:1;} struct trace_settings s={.format=TRACE_JSON,.ready=ready,.check=check,.ctx=&net}; r=trace_run(&s); demo_net_stop(&net); return r; }
