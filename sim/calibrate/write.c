/* SPDX-License-Identifier: Apache-2.0
 *
 * Writes the measured quantities as a machine file, as a table and as JSON.
 */
#include "calibrate/calibrate.h"

#include <inttypes.h>
#include <jansson.h>
#include <string.h>

#include "result/report.h"
#include "models/family/keys.h"

static const char *const units[] = { "cycles", "ns", "1/s" };

uint64_t whole_cycles(double value) { return value < 1 ? 1 : (uint64_t)(value + 0.5); }

static uint64_t quantity_cycles(const struct quantity *quantity, double value)
{
    return quantity->is_remainder && value < 0.5 ? 0 : whole_cycles(value);
}

static const char *distance_text(enum distance distance)
{
    return distance == DISTANCE_NONE ? "" : distance_names[distance];
}

/* Whether the range is narrow. The vCPUs of a virtual machine move between physical CPUs, so that the distance between
 * two of them can change during a measurement. */
static bool is_steady(const struct quantity *quantity)
{
    return quantity->is_remainder || quantity->high < 1.3 * quantity->low + 3;
}

/* --- machine file --- */

static const char *interconnect_text(enum interconnect interconnect)
{
    return interconnect == INTERCONNECT_CHIPLET ? "chiplet" : "full";
}

/* Writes a cost with a single value. */
static void write_single(const struct quantity *quantity, FILE *stream)
{
    fprintf(stream,
            "  %s: { value: %" PRIu64 "cy, low: %" PRIu64 "cy, high: %" PRIu64 "cy, tag: measured,\n"
            "    source: \"%s; median%s of %zu rounds%s\" }\n",
            quantity->name, quantity_cycles(quantity, quantity->value), quantity_cycles(quantity, quantity->low),
            quantity_cycles(quantity, quantity->high), quantity->how, quantity->is_remainder ? "" : " and quartiles",
            quantity->count, quantity->is_remainder ? ", range of its parts" : "");
}

/* Writes a cost by distance. A distance that this host does not have gets the value of the next nearer one. */
static void write_distances(const struct calibration *calibration, const char *name, FILE *stream)
{
    const struct quantity *by_distance[DISTANCE_COUNT], *last = calibrate_find(calibration, name, DISTANCE_NEAR);
    static const char *const keys[] = { "value", "low", "high" };
    uint32_t measured = 0;

    for (enum distance distance = DISTANCE_NEAR; distance < DISTANCE_COUNT; distance++) {
        const struct quantity *own = calibrate_find(calibration, name, distance);
        last = own != NULL ? own : last;
        by_distance[distance] = last;
        measured += own != NULL;
    }
    if (by_distance[DISTANCE_NEAR] == NULL)
        return;
    fprintf(stream, "  %s: {", name);
    for (size_t key = 0; key < sizeof(keys) / sizeof(*keys); key++) {
        fprintf(stream, " %s: [", keys[key]);
        for (enum distance distance = DISTANCE_NEAR; distance < DISTANCE_COUNT; distance++) {
            const struct quantity *quantity = by_distance[distance];
            double values[] = { quantity->value, quantity->low, quantity->high };
            fprintf(stream, "%s%" PRIu64 "cy", distance > 0 ? ", " : "", whole_cycles(values[key]));
        }
        fputs("],", stream);
    }
    fprintf(stream, " tag: measured,\n    source: \"%s; median and quartiles of %zu rounds%s\" }\n",
            by_distance[DISTANCE_NEAR]->how, by_distance[DISTANCE_NEAR]->count,
            measured < DISTANCE_COUNT ? "; where the host has no such distance, as the next nearer one" : "");
}

static bool is_cost(const char *name)
{
    for (const struct key_table *const *table = machine_cost_keys; *table; table++)
        if (option_find(&(*table)->options, name) != NULL)
            return true;
    return false;
}

static void write_costs(const struct calibration *calibration, const struct option_table *rows, FILE *stream)
{
    for (size_t i = 0; i < rows->count; i++) {
        const struct option *option = &rows->rows[i];
        const struct quantity *quantity = calibrate_find(calibration, option->key, DISTANCE_NONE);
        if (option->count == DISTANCE_COUNT)
            write_distances(calibration, option->key, stream);
        else if (quantity != NULL)
            write_single(quantity, stream);
    }
}

void calibrate_write(const struct calibration *calibration, const char *name, const char *like, FILE *stream)
{
    const struct host *host = &calibration->host;

    fprintf(stream,
            "# Written by irqpath calibrate on a host with this CPU: %s%s.\n"
            "# Cycles are those of the time-stamp counter. %s\n"
            "# Costs not listed below could not be measured on this host; they are those of `like`, and estimates.\n",
            *host->model ? host->model : "unknown", host->is_virtual ? ", a virtual machine" : "",
            host->has_real_time ? "The threads had real-time priority."
                                : "The threads had no real-time priority: other work may have interrupted rounds.");
    for (size_t i = 0; i < calibration->quantity_count; i++) {
        const struct quantity *quantity = &calibration->quantities[i];
        if (!is_cost(quantity->name))
            fprintf(stream, "# %s%s%s: %.4g %s (%.4g to %.4g); %s\n", quantity->name,
                    quantity->distance == DISTANCE_NONE ? "" : " ", distance_text(quantity->distance), quantity->value,
                    units[quantity->unit], quantity->low, quantity->high, quantity->how);
    }
    for (size_t i = 0; i < calibration->skipped_count; i++)
        fprintf(stream, "# %s: skipped, %s\n", calibration->skipped[i].name, calibration->skipped[i].reason);
    fprintf(stream,
            "name: %s\nsummary: \"%s, %u CPUs%s: measured\"\nfrequency: %" PRIu64 "MHz\ntopology: \"%s\"\n"
            "interconnect: %s\nlike: %s\ncosts:\n",
            name, *host->model ? host->model : "this host", host->topology.cpu_count,
            host->is_virtual ? ", virtual" : "", host->frequency_hz / 1000000, host->synthetic,
            interconnect_text(host->interconnect), like);
    for (const struct key_table *const *table = machine_cost_keys; *table; table++)
        write_costs(calibration, &(*table)->options, stream);
}

/* --- table and JSON --- */

void calibrate_print(const struct calibration *calibration, FILE *stream)
{
    const struct host *host = &calibration->host;

    fprintf(stream, "%s, %u CPUs%s, %" PRIu64 " MHz clock, %s\n", *host->model ? host->model : "unknown CPU",
            host->topology.cpu_count, host->is_virtual ? ", virtual" : "", host->frequency_hz / 1000000,
            host->has_real_time ? "real-time threads" : "no real-time priority: rounds may have been interrupted");
    for (size_t i = 0; i < calibration->quantity_count; i++) {
        const struct quantity *quantity = &calibration->quantities[i];
        fprintf(stream, "%-24s %-7s %10.1f %-7s (%.1f to %.1f)  %s%s\n", quantity->name,
                distance_text(quantity->distance), quantity->value, units[quantity->unit], quantity->low,
                quantity->high, is_steady(quantity) ? "" : "UNSTEADY ", quantity->how);
    }
    for (size_t i = 0; i < calibration->skipped_count; i++)
        fprintf(stream, "%-24s skipped: %s\n", calibration->skipped[i].name, calibration->skipped[i].reason);
}

void calibrate_print_json(const struct calibration *calibration, FILE *stream)
{
    const struct host *host = &calibration->host;
    json_t *quantities = json_array(), *skipped = json_array();

    for (size_t i = 0; i < calibration->quantity_count; i++) {
        const struct quantity *quantity = &calibration->quantities[i];
        json_t *row = json_pack("{s:s, s:s, s:f, s:f, s:f, s:i, s:s}", "name", quantity->name, "unit",
                                units[quantity->unit], "value", quantity->value, "low", quantity->low, "high",
                                quantity->high, "rounds", (int)quantity->count, "how", quantity->how);
        if (quantity->distance != DISTANCE_NONE)
            json_object_set_new(row, "distance", json_string(distance_text(quantity->distance)));
        json_array_append_new(quantities, row);
    }
    for (size_t i = 0; i < calibration->skipped_count; i++)
        json_array_append_new(skipped, json_pack("{s:s, s:s}", "name", calibration->skipped[i].name, "reason",
                                                 calibration->skipped[i].reason));
    json_print_document(json_pack("{s:s, s:i, s:b, s:b, s:I, s:s, s:o, s:o}", "model", host->model, "cpus",
                                  (int)host->topology.cpu_count, "virtual", host->is_virtual, "real_time",
                                  host->has_real_time, "frequency_hz", (json_int_t)host->frequency_hz, "topology",
                                  host->synthetic, "quantities", quantities, "skipped", skipped),
                        "calibration", stream);
}
