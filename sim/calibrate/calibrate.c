/* SPDX-License-Identifier: Apache-2.0
 *
 * Collects the rounds of each quantity and reduces them to a value and a range; records skipped quantities.
 */
#include "calibrate/calibrate.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"

static int compare_numbers(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;

    return (a > b) - (a < b);
}

double median_of(double *values, size_t count)
{
    CHECK(count > 0);
    qsort(values, count, sizeof(*values), compare_numbers);
    return (values[(count - 1) / 2] + values[count / 2]) / 2;
}

double trimmed_mean_of(double *values, size_t count)
{
    size_t cut = count / 10;
    double sum = 0;

    CHECK(count > 0);
    qsort(values, count, sizeof(*values), compare_numbers);
    for (size_t i = cut; i < count - cut; i++)
        sum += values[i];
    return sum / (double)(count - 2 * cut);
}

bool calibrate_init(struct calibration *calibration, uint32_t rounds, uint32_t iterations)
{
    char message[256];

    CHECK(rounds > 0 && rounds <= CALIBRATE_ROUNDS_MAX && iterations > 0);
    memset(calibration, 0, sizeof(*calibration));
    calibration->rounds = rounds;
    calibration->iterations = iterations;
    if (host_init(&calibration->host, message, sizeof(message)))
        return true;
    (void)fprintf(stderr, "irqpath: %s\n", message);
    return false;
}

void calibrate_free(struct calibration *calibration)
{
    for (size_t i = 0; i < calibration->quantity_count; i++)
        free(calibration->quantities[i].rounds);
    host_free(&calibration->host);
}

const struct quantity *calibrate_find(const struct calibration *calibration, const char *name, enum distance distance)
{
    for (size_t i = 0; i < calibration->quantity_count; i++)
        if (calibration->quantities[i].distance == distance && !strcmp(calibration->quantities[i].name, name))
            return &calibration->quantities[i];
    return NULL;
}

void quantity_record(struct calibration *calibration, const char *name, enum distance distance, enum quantity_unit unit,
                     double value, const char *how)
{
    struct quantity *quantity = (struct quantity *)calibrate_find(calibration, name, distance);

    if (quantity == NULL) {
        CHECK(calibration->quantity_count < QUANTITIES_MAX);
        quantity = &calibration->quantities[calibration->quantity_count++];
        *quantity = (struct quantity){ .how = how, .unit = unit, .distance = distance };
        (void)snprintf(quantity->name, sizeof(quantity->name), "%s", name);
        quantity->rounds = calloc(CALIBRATE_ROUNDS_MAX, sizeof(*quantity->rounds));
        CHECK(quantity->rounds != NULL);
    }
    CHECK(quantity->count < CALIBRATE_ROUNDS_MAX);
    quantity->rounds[quantity->count++] = value;
}

void quantity_skip(struct calibration *calibration, const char *name, const char *format, ...)
{
    struct skipped *skipped = &calibration->skipped[calibration->skipped_count++];
    va_list arguments;

    CHECK(calibration->skipped_count <= QUANTITIES_MAX);
    (void)snprintf(skipped->name, sizeof(skipped->name), "%s", name);
    va_start(arguments, format);
    (void)vsnprintf(skipped->reason, sizeof(skipped->reason), format, arguments);
    va_end(arguments);
}

void calibrate_finish(struct calibration *calibration)
{
    for (size_t i = 0; i < calibration->quantity_count; i++) {
        struct quantity *quantity = &calibration->quantities[i];

        quantity->value = median_of(quantity->rounds, quantity->count);
        quantity->low = quantity->rounds[quantity->count / 4];
        quantity->high = quantity->rounds[quantity->count - 1 - quantity->count / 4];
    }
    code_range_set(calibration);
}
