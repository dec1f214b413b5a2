/* SPDX-License-Identifier: Apache-2.0
 *
 * A BUG() or ASSERT of the modelled hypervisor: the machine has crashed. A timed run can't go on from there and ends as
 * from a failed CHECK, with the cycle and the CPU.
 */
#include "machine/cpu.h"
#include "models/model.h"

_Noreturn void model_bug(struct cpu *cpu, const char *text)
{
    check_failed("the modelled hypervisor crashes on CPU", (int)cpu->id, text);
}
