/* SPDX-License-Identifier: Apache-2.0
 *
 * Limits, ticks and numbers of axes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "plot/axis.h"

static struct scale make_scale(struct chart_axis axis, double low, double high, enum scale_fit fit, double pixels)
{
    struct extent extent = extent_none();
    extent_add(&extent, low);
    extent_add(&extent, high);
    struct scale scale = scale_make(&axis, extent, fit);
    scale.from = 0;
    scale.to = pixels;
    return scale;
}

static const struct {
    struct chart_axis axis;
    double low, high;
    enum scale_fit fit;
    double pixels;
    bool is_vertical;
    const char *title, *ticks;
} axes[] = {
    { { "Steal", "%", false, 0, 0 }, 3, 31, SCALE_FROM_ZERO, 300, true, "Steal (%)", "0 5 10 15 20 25 30" },
    { { "Latency", "ns", false, 0, 0 }, 900, 5200, SCALE_FROM_ZERO, 300, true, "Latency (µs)", "0 1 2 3 4 5" },
    { { "Latency", "ns", true, 0, 0 }, 900, 2e6, SCALE_TIGHT, 400, false, "Latency", "1µs 10µs 100µs 1ms" },
    { { "Rate", "Hz", false, 0, 0 }, 0, 40000, SCALE_FROM_ZERO, 300, false, "Rate (kHz)", "0 5 10 15 20 25 30 35 40" },
    { { "Page", "B", true, 0, 0 }, 1024, 65536, SCALE_TIGHT, 200, false, "Page", "1KiB 4KiB 16KiB 64KiB" },
    { { "Change", "%", false, 0, 0 }, -20, 10, SCALE_TIGHT, 300, false, "Change (%)", "−20 −10 0 10" },
    { { "Count", "", false, 0, 0 }, 0, 4e5, SCALE_FROM_ZERO, 400, false, "Count", "0k 100k 200k 300k 400k" },
    { { "Work", "cycles", false, 0, 0 }, 0, 4e6, SCALE_FROM_ZERO, 400, false, "Work (cycles)", "0M 1M 2M 3M 4M" },
    { { "Same", "%", false, 0, 0 }, 7, 7, SCALE_TIGHT, 300, false, "Same (%)", "6.7 6.8 6.9 7.0 7.1 7.2 7.3" },
    { { "Limits", "%", false, 0, 50 }, 7, 70, SCALE_TIGHT, 150, false, "Limits (%)", "0 20 40" },
    { { "Tenths", "%", false, 0, 0 },
      0,
      0.3,
      SCALE_FROM_ZERO,
      300,
      true,
      "Tenths (%)",
      "0.00 0.05 0.10 0.15 0.20 0.25 0.30" },
    { { "Wait", "us", false, 0, 0 }, 0, 40, SCALE_FROM_ZERO, 100, false, "Wait (µs)", "0 20 40" },
    { { "Wait", "ms", true, 0, 0 }, 0.001, 2, SCALE_TIGHT, 300, false, "Wait", "1µs 10µs 100µs 1ms" },
    { { "Events", "", true, 0, 0 }, 50, 4e6, SCALE_TIGHT, 300, false, "Events", "100 1000 10k 100k 1M" },
    { { "None", "ns", true, 0, 0 }, -5, 0, SCALE_TIGHT, 300, false, "None", "1ns 2ns 5ns 10ns" },
    { { "Far", "ns", true, 0, 0 }, 100, 1e9, SCALE_TIGHT, 150, true, "Far", "100ns 10µs 1ms 100ms" },
    { { "Inside", "ns", true, 3000, 4000 }, 1, 1e9, SCALE_TIGHT, 300, false, "Inside", "3µs 4µs" },
    { { "Between", "", true, 21, 49 }, 1, 1e9, SCALE_TIGHT, 300, false, "Between", "21 49" },
    { { "One decade", "", true, 21, 500 }, 1, 1e9, SCALE_TIGHT, 60, false, "One decade", "100" },
    { { "Decades", "", true, 0, 0 }, 1e-3, 1e12, SCALE_TIGHT, 100, false, "Decades", "1 10M" },
    { { "Limits", "", true, 0, 50 }, 2, 8, SCALE_TIGHT, 300, false, "Limits", "2 5" },
    { { "Bytes", "B", true, 0, 0 }, 1, 1e12, SCALE_TIGHT, 100, false, "Bytes", "1B 4GiB" },
    { { "Bytes", "B", true, 0, 0 }, 1, 4, SCALE_TIGHT, 300, true, "Bytes", "1B 2B 4B" },
    { { "Below", "%", false, 0, 0 }, -30, -3, SCALE_FROM_ZERO, 100, true, "Below (%)", "−20 0" },
    { { "Below", "%", false, 0, 0 }, -30, -20, SCALE_TIGHT, 100, true, "Below (%)", "−30 −25 −20" },
    { { "Zero", "%", false, 0, 0 }, 0, 0, SCALE_TIGHT, 300, true, "Zero (%)", "−0.04 −0.02 0.00 0.02 0.04" },
    { { "Large", "", false, 0, 0 }, 0, 3e9, SCALE_FROM_ZERO, 300, true, "Large", "0.0G 0.5G 1.0G 1.5G 2.0G 2.5G 3.0G" },
    { { "Large", "cycles", true, 0, 0 }, 5e8, 1e10, SCALE_TIGHT, 300, true, "Large (cycles)", "500M 1G 2G 5G 10G" },
    { { "Small", "s", false, 0, 0 }, 0, 2e-9, SCALE_FROM_ZERO, 300, true, "Small (ns)", "0.0 0.5 1.0 1.5 2.0" },
    { { "Narrow", "%", false, 0, 0 }, 0, 1000, SCALE_FROM_ZERO, 20, false, "Narrow (%)", "0" },
};

static void ticks_have_units_and_room(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof axes / sizeof axes[0]; i++) {
        struct scale scale = make_scale(axes[i].axis, axes[i].low, axes[i].high, axes[i].fit, axes[i].pixels);
        char *title = scale_title(&scale, &axes[i].axis), all[400] = "";
        struct ticks ticks;
        assert_string_equal(title, axes[i].title);
        free(title);
        scale_ticks(&scale, 12, axes[i].is_vertical, &ticks);
        for (size_t at = 0; at < ticks.count; at++) {
            strcat(all, at > 0 ? " " : "");
            for (const char *from = ticks.tick[at].label; *from != '\0'; from++)
                if (*from != ' ')
                    strncat(all, from, 1);
        }
        assert_string_equal(all, axes[i].ticks);
        assert_true(scale_ticks_fit(&scale, 12, axes[i].is_vertical, &ticks));
    }
}

static void numbers_have_their_digits(void **state)
{
    (void)state;
    static const struct {
        const char *unit;
        bool is_log;
        double high, value;
        const char *text, *fixed;
    } rows[] = {
        { "%", false, 44, -12.345, "−12.3 %", "−12.3" },
        { "%", false, 44, 8, "8 %", "8.0" },
        { "%", false, 44, 0, "0 %", "0" },
        { "ns", false, 5e6, 1234567, "1.23 ms", "1.23" },
        { "ns", true, 5e6, 1234, "1.23 µs", "1.23 µs" },
        { "", false, 2e5, 123456, "123 k", "123 k" },
        { "", false, 5000, 4321, "4321", "4321" },
        { "", false, 5000, 999.5, "1000", "1000" },
        { "", false, 5000, 999.4, "999", "999" },
        { "%", false, 0.04, 0.0312, "0.0312 %", "0.0312" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct chart_axis axis = { "T", rows[i].unit, rows[i].is_log, 0, 0 };
        struct scale scale = make_scale(axis, rows[i].high / 2, rows[i].high, SCALE_FROM_ZERO, 100);
        char text[AXIS_LABEL_BYTES];
        scale_format(&scale, rows[i].value, 3, true, text);
        assert_string_equal(text, rows[i].text);
        scale_format_fixed(&scale, rows[i].value, 3, text);
        assert_string_equal(text, rows[i].fixed);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ticks_have_units_and_room),
        cmocka_unit_test(numbers_have_their_digits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
