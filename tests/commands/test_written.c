/* SPDX-License-Identifier: Apache-2.0
 *
 * Every command that writes a file: without --force it replaces none, with it it replaces the file and no link, and no
 * temporary is left.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <sys/stat.h>

#include "base/file.h"
#include "explore/state.h"
#include "program.h"
#include "temporary.h"

#define ONE_MSI SOURCE_DIR "/scenarios/one-msi.yaml"
#define STEADY SOURCE_DIR "/scenarios/explore-steady.yaml"
#define RUN "run " ONE_MSI " -q --duration 1ms "
#define OLD "old contents"

static const struct {
    const char *arguments; /* the file is last, or --force behind it */
    const char *file;
    bool explores; /* needs the explorer */
} rows[] = {
    { RUN "-o out/x.cbor", "x.cbor", false },
    { RUN "--trace out/x.xentrace", "x.xentrace", false },
    { RUN "--trace out/x.dat", "x.dat", false },
    { RUN "--trace out/x.pftrace", "x.pftrace", false },
    { "compare " ONE_MSI " -q --duration 1ms --designs domain-tasklet,pirq-tasklet -o out/c.cbor", "c.cbor", false },
    { "sweep -q --merge cells -o out/m.cbor", "m.cbor", false },
    { "plot run.cbor -q -o out", "runstates.svg", false },
    { "report run.cbor -q -o out/x.html", "x.html", false },
    { "trace import " SOURCE_DIR "/tests/formats/kvm-irqfd.perf.txt -q -o out/x.yaml", "x.yaml", false },
    { "calibrate -q --parts lines --rounds 1 --iterations 1 -o out/host.yaml", "host.yaml", false },
    { "explore " STEADY " -q --design softirq-masked -o out/lost.json", "lost.json", true },
    { "replay lost.json --svg out/lost.svg", "lost.svg", true },
};

static struct program program;

static int enter_a_directory(void **state)
{
    static char directory[] = "/tmp/irqpath-written-XXXXXX";

    if (mkdtemp(directory) == NULL || chdir(directory) != 0 || mkdir("out", 0777) != 0)
        return -1;
    program_run(&program, "", RUN "-o run.cbor");
    if (program.code != 0)
        return -1;
    program_run(&program, "", "sweep " ONE_MSI " -q --duration 1ms -o cells");
    if (program.code != 0)
        return -1;
    if (explore_state_is_supported())
        program_run(&program, "", "explore " STEADY " -q --design softirq-masked -o lost.json");
    *state = directory;
    return 0;
}

static int leave_it(void **state)
{
    int status = chdir("/");

    temporary_directory_remove(*state);
    return status;
}

static bool has_old(const char *path)
{
    char message[300];
    size_t count;
    char *text = file_read_bytes(path, 1 << 26, &count, message, sizeof message);
    bool is_old = text != NULL && count == strlen(OLD) && memcmp(text, OLD, count) == 0;

    free(text);
    return is_old;
}

static void assert_no_temporary(void)
{
    DIR *stream = opendir("out");

    assert_non_null(stream);
    for (struct dirent *entry; (entry = readdir(stream)) != NULL;)
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0 && entry->d_name[0] == '.')
            fail_msg("%s is left", entry->d_name);
    closedir(stream);
}

static void refuses(const char *arguments, const char *path, const char *reason)
{
    program_run(&program, "", arguments);
    if (program.code != 4 || strstr(program.errors, reason) == NULL || !has_old(path))
        fail_msg("irqpath %s: exit code %d, wanted 4 and '%s': %s", arguments, program.code, reason, program.errors);
    assert_no_temporary();
}

static void nothing_is_replaced_unasked(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char path[64], forced[512], message[300];
        struct stat status;

        if (rows[i].explores && !explore_state_is_supported())
            continue;
        snprintf(path, sizeof path, "out/%s", rows[i].file);
        snprintf(forced, sizeof forced, "%s --force", rows[i].arguments);
        assert_true(file_write("target", OLD, strlen(OLD), true, message, sizeof message));
        assert_int_equal(symlink("../target", path), 0);
        refuses(rows[i].arguments, path, "is a symbolic link");
        refuses(forced, path, "is a symbolic link");
        assert_int_equal(unlink(path), 0);
        assert_true(file_write(path, OLD, strlen(OLD), false, message, sizeof message));
        refuses(rows[i].arguments, path, "already exists (--force overwrites it)");
        program_run(&program, "", forced);
        if (program.code != 0)
            fail_msg("irqpath %s: exit code %d: %s", forced, program.code, program.errors);
        assert_int_equal(lstat(path, &status), 0);
        assert_true(S_ISREG(status.st_mode));
        assert_false(has_old(path));
        assert_no_temporary();
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(nothing_is_replaced_unasked) };

    return cmocka_run_group_tests(tests, enter_a_directory, leave_it);
}
