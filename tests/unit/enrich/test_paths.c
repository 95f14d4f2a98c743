/* SPDX-License-Identifier: Apache-2.0 */
#include "enrich/enrich.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define HEX16 "0123456789abcdef"
#define HEX32 HEX16 HEX16
#define HEX64 HEX32 HEX32

static void container_ids(void **state)
{
    (void)state;
    static const struct {
        const char *path, *id;
    } cases[] = {
        {"/", ""},
        {"", ""},
        {"/system.slice/docker-" HEX64 ".scope", HEX64},
        {"/docker/" HEX64, HEX64},
        {"/docker/" HEX64 "/system.slice/nginx.service", HEX64},
        {"/system.slice/cri-containerd-" HEX64 ".scope", HEX64},
        {"/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod1_2.slice/"
         "cri-containerd-" HEX64 ".scope",
         HEX64},
        {"/kubepods/besteffort/pod0f9f4b2e-6ff4-4fdb-8b0a-ab8ee0a6a3f1/" HEX64, HEX64},
        {"/kubepods-besteffort-pod1.slice:cri-containerd:" HEX64, HEX64},
        {"/kubepods.slice/crio-" HEX64 ".scope", HEX64},
        {"/kubepods.slice/crio-" HEX64 ".scope/container", HEX64},
        {"/kubepods.slice/crio-conmon-" HEX64 ".scope", ""},
        {"/machine.slice/libpod-" HEX64 ".scope", HEX64},
        {"/machine.slice/libpod-conmon-" HEX64 ".scope", ""},
        {"/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-" HEX64
         ".scope/container",
         HEX64},
        {"/ecs/" HEX32 "/" HEX32 "-1234567890", HEX32 "-1234567890"},
        {"/ecs/x/" HEX32 "-", ""},
        {"/lxc.payload.web01/init.scope", "web01"},
        {"/lxc/web01", "web01"},
        {"/docker/" HEX64 "0", ""},
        {"/docker/" HEX32, ""},
        {"/docker/ABCDEF0123456789" HEX16 HEX32, ""},
        {"/system.slice/sshd.service", ""},
        {"/user.slice/user-0.slice/session-1.scope", ""},
        {"//docker//" HEX64 "//", HEX64},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char id[80];
        enrich_container_id(cases[i].path, id);
        assert_string_equal(id, cases[i].id);
    }
}

static void long_names_are_cut(void **state)
{
    (void)state;
    char path[600] = "/lxc/", id[80], unit[256];
    memset(path + 5, 'a', 400);
    enrich_container_id(path, id);
    assert_int_equal(strlen(id), 79);
    strcpy(path + 405, ".service");
    enrich_unit(path, unit);
    assert_int_equal(strlen(unit), 255);
}

static void units(void **state)
{
    (void)state;
    static const struct {
        const char *path, *unit;
    } cases[] = {
        {"/", ""},
        {"/system.slice/sshd.service", "sshd.service"},
        {"/system.slice/docker.service/payload", "docker.service"},
        {"/system.slice", "system.slice"},
        {"/user.slice/user-1000.slice/session-3.scope", "session-3.scope"},
        {"/user.slice/user-1000.slice/user@1000.service/app.slice/app-a\\x2db.scope",
         "app-a-b.scope"},
        {"/user.slice/user-1000.slice", "user-1000.slice"},
        {"/system.slice/_cpu.service", "cpu.service"},
        {"/system.slice/system-getty.slice/getty@tty1.service", "getty@tty1.service"},
        {"/a/b/c", ""},
        {"/.service", ""},
        {"/system.slice/a\\x", "system.slice"},
        {"/system.slice/a\\x2.service", "a\\x2.service"},
        {"/system.slice/a\\x00.service", "a\\x00.service"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char unit[256];
        enrich_unit(cases[i].path, unit);
        assert_string_equal(unit, cases[i].unit);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(container_ids),
        cmocka_unit_test(long_names_are_cut),
        cmocka_unit_test(units),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
