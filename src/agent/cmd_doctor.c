/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/commands.h"
#include "tap/live.h"
#include <stdio.h>
int cmd_doctor(int argc, char **argv)
{ (void)argc;(void)argv; static struct tap_probe p[32]; size_t n=tap_probe_all(p,32); int bad=0; for(size_t i=0;i<n&&i<32;i++){ printf("%-8s %-30s %s %s\n",p[i].status==0?"ok":p[i].status>0?"limited":"no",p[i].name,p[i].detail,p[i].remedy); if(p[i].status<0&&p[i].essential) bad=1;} return bad?77:0; }
