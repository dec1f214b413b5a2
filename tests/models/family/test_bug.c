/* SPDX-License-Identifier: Apache-2.0
 *
 * A crash of the modelled hypervisor ends a timed run as a failed CHECK that names the CPU and the text.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "death.h"
#include "machine/cpu.h"
#include "models/family/family.h"

static void crash(void *text)
{
    struct cpu cpu = { .id = 7 };

    model_bug(&cpu, text);
}

static void timed_run_ends(void **state)
{
    struct {
        char text[48];
        const char *expected;
    } rows[] = {
        { "BUG() in dpci_softirq", "crashes on CPU:7: " },
        { "null-domain: hvm_dirq_assist", "hvm_dirq_assist" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_check_fails(crash, rows[i].text, rows[i].expected);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(timed_run_ends) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
