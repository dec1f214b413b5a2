/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads a machine through hwloc and flattens it into one row per pCPU and one distance per pair of last-level caches.
 * The host is never consulted, and PUs that the recorded machine's cgroup had forbidden count like any other. Left out:
 * memory sizes and I/O devices. Different kinds of cores are refused.
 */
#include "machine/topology.h"

#include <errno.h>
#include <hwloc.h>
#include <hwloc/cpukinds.h>
#include <hwloc/distances.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/child.h"
#include "machine/topology_file.h"

#define CHILD_SECONDS 60 /* of processor time for a topology file */
#define GLUELESS_SOCKETS 8

/* Twisted cube: the 3-cube with the edges 4-5 and 6-7 replaced by 4-7 and 5-6. Bit p of row s is set if p is one hop
 * from s. Every socket has three such peers, and reaches the other four in two hops. */
static const uint8_t glueless_peers[GLUELESS_SOCKETS] = {
    1 << 1 | 1 << 2 | 1 << 4, 1 << 0 | 1 << 3 | 1 << 5, 1 << 0 | 1 << 3 | 1 << 6, 1 << 1 | 1 << 2 | 1 << 7,
    1 << 0 | 1 << 6 | 1 << 7, 1 << 1 | 1 << 6 | 1 << 7, 1 << 2 | 1 << 4 | 1 << 5, 1 << 3 | 1 << 4 | 1 << 5,
};

/* Checks a synthetic description before hwloc builds it: hwloc allocates any size asked for, and reports every mistake
 * as EINVAL. */
static bool synthetic_check(const char *text, struct message message)
{
    uint64_t cpus = 1;
    const char *at = text + strspn(text, " ");

    while (*at) {
        if (*at == '[' || *at == '(') {
            at += strcspn(at, *at == '[' ? "]" : ")");
            at += *at != '\0';
        } else {
            char name[32] = "";
            size_t length = strcspn(at, ":([ ");
            size_t kept = length < sizeof(name) ? length : sizeof(name) - 1;
            hwloc_obj_type_t type;
            bool has_count = at[length] == ':';

            memcpy(name, at, kept);
            if (has_count && hwloc_type_sscanf(name, &type, NULL, 0) < 0)
                return message_fail(message,
                                    "topology \"%s\": hwloc knows no object \"%s\" (it knows package, die, "
                                    "numa, group, l3, l2, core, pu)",
                                    text, name);
            const char *count_text = has_count ? at + length + 1 : at;
            char *end;
            unsigned long long count = strtoull(count_text, &end, 10);
            at = end > at ? end : at + length;
            if (end > count_text && (count > TOPOLOGY_CPUS_MAX || (cpus *= count) > TOPOLOGY_CPUS_MAX))
                return message_fail(message, "topology \"%s\": more than %d PUs", text, TOPOLOGY_CPUS_MAX);
        }
        at += strspn(at, " ");
    }
    return true;
}

static bool hwloc_open(hwloc_topology_t *handle, const char *text, const char *xml, int xml_bytes)
{
    hwloc_topology_set_flags(*handle, HWLOC_TOPOLOGY_FLAG_INCLUDE_DISALLOWED);
    int refused =
        xml ? hwloc_topology_set_xmlbuffer(*handle, xml, xml_bytes) : hwloc_topology_set_synthetic(*handle, text);
    return !refused && hwloc_topology_load(*handle) == 0;
}

static bool hwloc_read(hwloc_topology_t *handle, const char *text, const char *xml, int xml_bytes,
                       struct message message)
{
    if (hwloc_topology_init(handle) != 0)
        return message_fail(message, "hwloc does not start: %s", strerror(errno));
    if (hwloc_open(handle, text, xml, xml_bytes))
        return true;
    if (xml)
        message_fail(message,
                     "topology file %s: hwloc cannot read it as an lstopo XML file (is it complete? "
                     "`lstopo --of xml FILE` writes one)",
                     text);
    else
        message_fail(message,
                     "topology \"%s\": hwloc cannot read this description; the innermost level must be pu:N, "
                     "for example \"package:8 [numa] core:10 pu:2\"",
                     text);
    hwloc_topology_destroy(*handle);
    return false;
}

/* Whether two cores share a cache of this type, somewhere on the machine. */
static bool is_shared(hwloc_topology_t handle, hwloc_obj_type_t type)
{
    hwloc_obj_t last_core = NULL, last_cache = NULL;

    for (hwloc_obj_t pu = NULL; (pu = hwloc_get_next_obj_by_type(handle, HWLOC_OBJ_PU, pu));) {
        hwloc_obj_t core = hwloc_get_ancestor_obj_by_type(handle, HWLOC_OBJ_CORE, pu);
        hwloc_obj_t cache = hwloc_get_ancestor_obj_by_type(handle, type, pu);

        if (cache && cache == last_cache && (!core || core != last_core))
            return true;
        last_core = core;
        last_cache = cache;
    }
    return false;
}

/* The largest last-level cache inside the package; without one the smallest part of the package that has memory of its
 * own, or else the package; NULL without a package. */
static hwloc_obj_t last_level(const bool *is_last_level, hwloc_obj_t pu)
{
    hwloc_obj_t cache = NULL, memory = NULL;

    for (hwloc_obj_t object = pu->parent; object; object = object->parent) {
        if (is_last_level[object->type])
            cache = object;
        if (!memory && object->memory_arity > 0)
            memory = object;
        if (object->type == HWLOC_OBJ_PACKAGE)
            return cache ? cache : memory ? memory : object;
    }
    return cache;
}

/* Adds the PU to every node that it is local to, and returns the one that fewest PUs share, the first of equals; one
 * past the last node if its memory is not in the file. */
static uint32_t nodes_fill(struct topology *topology, hwloc_topology_t handle, hwloc_obj_t pu)
{
    uint32_t nearest = (uint32_t)hwloc_get_nbobjs_by_type(handle, HWLOC_OBJ_NUMANODE);
    int nearest_weight = INT_MAX;

    for (hwloc_obj_t node = NULL; (node = hwloc_get_next_obj_by_type(handle, HWLOC_OBJ_NUMANODE, node));)
        if (hwloc_bitmap_isset(node->cpuset, pu->os_index)) {
            int weight = hwloc_bitmap_weight(node->cpuset);

            topology->node_cpus[node->logical_index * topology->cpu_count + pu->logical_index] = true;
            if (weight < nearest_weight)
                nearest = node->logical_index;
            nearest_weight = weight < nearest_weight ? weight : nearest_weight;
        }
    topology->node_cpus[nearest * topology->cpu_count + pu->logical_index] = true;
    return nearest;
}

/* hwloc numbers PUs in tree order, so that the PUs below one object are consecutive: a new ancestor is a new index.
 * Returns false when a core has more threads than a row can hold. */
static bool cpus_fill(struct topology *topology, hwloc_topology_t handle)
{
    hwloc_obj_t core = NULL, package = NULL, domain = NULL;
    bool is_last_level[HWLOC_OBJ_TYPE_MAX] = {
        [HWLOC_OBJ_L3CACHE] = true, [HWLOC_OBJ_L4CACHE] = true, [HWLOC_OBJ_L5CACHE] = true
    };

    is_last_level[HWLOC_OBJ_L1CACHE] = is_shared(handle, HWLOC_OBJ_L1CACHE);
    is_last_level[HWLOC_OBJ_L2CACHE] = is_shared(handle, HWLOC_OBJ_L2CACHE);
    for (uint32_t i = 0; i < topology->cpu_count; i++) {
        struct topology_cpu *cpu = &topology->cpus[i];
        hwloc_obj_t pu = hwloc_get_obj_by_type(handle, HWLOC_OBJ_PU, i);
        hwloc_obj_t pu_core = hwloc_get_ancestor_obj_by_type(handle, HWLOC_OBJ_CORE, pu);
        hwloc_obj_t pu_package = hwloc_get_ancestor_obj_by_type(handle, HWLOC_OBJ_PACKAGE, pu);
        hwloc_obj_t pu_domain = last_level(is_last_level, pu);

        bool is_new_core = i == 0 || !pu_core || pu_core != core;
        topology->core_count += is_new_core;
        topology->socket_count += i == 0 || pu_package != package;
        topology->domain_count += i == 0 || pu_domain != domain;
        cpu->core = (uint16_t)(topology->core_count - 1);
        cpu->socket = (uint16_t)(topology->socket_count - 1);
        cpu->domain = (uint16_t)(topology->domain_count - 1);
        uint32_t node = nodes_fill(topology, handle, pu);
        cpu->node = (uint16_t)node;
        if (node >= topology->node_count)
            topology->node_count = node + 1;
        if (!is_new_core && topology->cpus[i - 1].thread == UINT8_MAX)
            return false;
        cpu->thread = is_new_core ? 0 : (uint8_t)(topology->cpus[i - 1].thread + 1);
        core = pu_core;
        package = pu_package;
        domain = pu_domain;
    }
    return true;
}

static enum distance socket_distance(enum interconnect interconnect, uint32_t from, uint32_t to)
{
    switch (interconnect) {
    case INTERCONNECT_FULL:
        return DISTANCE_MIDDLE;
    case INTERCONNECT_CHIPLET:
        return DISTANCE_FAR;
    case INTERCONNECT_GLUELESS:
        if (from / GLUELESS_SOCKETS != to / GLUELESS_SOCKETS)
            return DISTANCE_FAR;
        return glueless_peers[from % GLUELESS_SOCKETS] >> (to % GLUELESS_SOCKETS) & 1 ? DISTANCE_MIDDLE : DISTANCE_FAR;
    }
    CHECK(!"interconnect");
    return DISTANCE_FAR;
}

static void distances_from_interconnect(struct topology *topology, const struct topology_cpu *const *domain_cpu,
                                        enum interconnect interconnect)
{
    enum distance inside = interconnect == INTERCONNECT_CHIPLET ? DISTANCE_MIDDLE : DISTANCE_NEAR;

    for (uint32_t from = 0; from < topology->domain_count; from++)
        for (uint32_t to = 0; to < topology->domain_count; to++) {
            CHECK(domain_cpu[from] != NULL && domain_cpu[to] != NULL); /* no domain is without a CPU */
            uint32_t from_socket = domain_cpu[from]->socket, to_socket = domain_cpu[to]->socket;
            enum distance distance = DISTANCE_NEAR;

            if (from_socket != to_socket)
                distance = socket_distance(interconnect, from_socket, to_socket);
            else if (from != to)
                distance = inside;
            topology->domain_distance[from * topology->domain_count + to] = (uint8_t)distance;
        }
}

static int compare_u64(const void *left, const void *right)
{
    uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;

    return (a > b) - (a < b);
}

/* Sorts the values and removes duplicates; returns the remaining count. */
static uint32_t distinct_u64(uint64_t *values, uint32_t count)
{
    uint32_t kept = 0;

    qsort(values, count, sizeof(*values), compare_u64);
    for (uint32_t i = 0; i < count; i++)
        if (i == 0 || values[i] != values[kept - 1])
            values[kept++] = values[i];
    return kept;
}

/* Of the distinct values in ascending order the first is NEAR; of the others the lower half, rounded up, is MIDDLE. */
static enum distance rank_distance(const uint64_t *distinct, uint32_t count, uint64_t value)
{
    const uint64_t *found = bsearch(&value, distinct, count, sizeof(*distinct), compare_u64);

    CHECK(found);
    uint32_t rank = (uint32_t)(found - distinct);
    if (rank == 0)
        return DISTANCE_NEAR;
    return rank <= count / 2 ? DISTANCE_MIDDLE : DISTANCE_FAR;
}

/* Replaces the distances between domains of different NUMA nodes by the ranks of the matrix. Domains that share a node
 * and domains without a node in the matrix keep the distance of the interconnect. */
static void distances_from_matrix(struct topology *topology, const struct topology_cpu *const *domain_cpu,
                                  const struct hwloc_distances_s *matrix)
{
    uint32_t domains = topology->domain_count, count = 0;
    uint32_t *row = malloc(domains * sizeof(*row));
    uint64_t *distinct = malloc((size_t)domains * domains * sizeof(*distinct));

    CHECK(row && distinct);
    for (uint32_t i = 0; i < domains; i++) {
        row[i] = 0;
        while (row[i] < matrix->nbobjs &&
               (!matrix->objs[row[i]] || matrix->objs[row[i]]->logical_index != domain_cpu[i]->node))
            row[i]++;
    }
    for (uint32_t from = 0; from < domains; from++)
        for (uint32_t to = 0; to < domains; to++)
            if (row[from] < matrix->nbobjs && row[to] < matrix->nbobjs)
                distinct[count++] = matrix->values[row[from] * matrix->nbobjs + row[to]];
    count = distinct_u64(distinct, count);
    for (uint32_t from = 0; from < domains; from++)
        for (uint32_t to = 0; to < domains; to++)
            if (row[from] < matrix->nbobjs && row[to] < matrix->nbobjs && row[from] != row[to]) {
                uint64_t value = matrix->values[row[from] * matrix->nbobjs + row[to]];
                topology->domain_distance[from * domains + to] = (uint8_t)rank_distance(distinct, count, value);
                topology->distances_from_file = true;
            }
    free(row);
    free(distinct);
}

static void distances_fill(struct topology *topology, hwloc_topology_t handle, enum interconnect interconnect)
{
    const struct topology_cpu *domain_cpu[TOPOLOGY_DOMAINS_MAX] = { NULL };
    struct hwloc_distances_s *matrix;
    unsigned matrix_count = 1;

    for (uint32_t i = topology->cpu_count; i-- > 0;)
        domain_cpu[topology->cpus[i].domain] = &topology->cpus[i];
    distances_from_interconnect(topology, domain_cpu, interconnect);
    if (interconnect == INTERCONNECT_CHIPLET)
        return;
    if (hwloc_distances_get_by_type(handle, HWLOC_OBJ_NUMANODE, &matrix_count, &matrix,
                                    HWLOC_DISTANCES_KIND_MEANS_LATENCY, 0) == 0 &&
        matrix_count > 0) {
        distances_from_matrix(topology, domain_cpu, matrix);
        hwloc_distances_release(handle, matrix);
    }
}

/* The value of an attribute of a kind of core, or "". */
static const char *kind_value(hwloc_topology_t handle, unsigned kind, const char *name)
{
    struct hwloc_info_s *infos = NULL;
    unsigned count = 0;

    if (hwloc_cpukinds_get_info(handle, kind, NULL, NULL, &count, &infos, 0) == 0)
        for (unsigned i = 0; i < count; i++)
            if (!strcmp(infos[i].name, name))
                return infos[i].value;
    return "";
}

/* Refuses kinds of cores that differ in their clock or otherwise, since all pCPUs have the costs and the clock of one.
 * Kinds of equal type and base clock, such as cores that may boost further, are the same. */
static bool kinds_check(hwloc_topology_t handle, const char *text, struct message message)
{
    static const char *const names[] = { "CoreType", "LinuxCapacity", "FrequencyBaseMHz", "FrequencyMaxMHz" };
    int kinds = hwloc_cpukinds_get_nr(handle, 0);
    hwloc_bitmap_t cpus = hwloc_bitmap_alloc();

    CHECK(cpus);
    bool has_others = kinds > 0 && hwloc_cpukinds_get_info(handle, 0, cpus, NULL, NULL, NULL, 0) == 0 &&
                      !hwloc_bitmap_isincluded(hwloc_topology_get_topology_cpuset(handle), cpus);
    hwloc_bitmap_free(cpus);
    if (kinds == 1 && has_others)
        return message_fail(message,
                            "topology file %s: it names the kind of some cores only; all pCPUs are simulated with "
                            "the costs and the clock of one kind (`lstopo --restrict CPUSET FILE` keeps these)",
                            text);
    for (int kind = 1; kind < kinds; kind++)
        for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
            const char *first = kind_value(handle, 0, names[i]), *value = kind_value(handle, (unsigned)kind, names[i]);
            bool is_last = i + 1 == sizeof(names) / sizeof(*names);

            if (is_last && *kind_value(handle, 0, "FrequencyBaseMHz"))
                continue;
            if (strcmp(first, value) != 0 || (is_last && !*value))
                return message_fail(message,
                                    "topology file %s: it has different kinds of cores (%s \"%s\" and \"%s\"); all "
                                    "pCPUs are simulated with the costs and the clock of one kind, so give a file of "
                                    "one kind (`lstopo --restrict CPUSET FILE`)",
                                    text, names[i], first, value);
        }
    return true;
}

static bool topology_fill(struct topology *topology, hwloc_topology_t handle, const char *text,
                          enum interconnect interconnect, struct message message)
{
    int cpus = hwloc_get_nbobjs_by_type(handle, HWLOC_OBJ_PU);

    if (cpus <= 0 || cpus > TOPOLOGY_CPUS_MAX)
        return message_fail(message, "topology \"%s\": %d PUs; 1 to %d can be simulated", text, cpus,
                            TOPOLOGY_CPUS_MAX);
    if (!kinds_check(handle, text, message))
        return false;
    topology->cpu_count = (uint32_t)cpus;
    topology->node_count = (uint32_t)hwloc_get_nbobjs_by_type(handle, HWLOC_OBJ_NUMANODE);
    topology->cpus = calloc(topology->cpu_count, sizeof(*topology->cpus));
    topology->node_cpus =
        calloc((topology->node_count + (size_t)1) * topology->cpu_count, sizeof(*topology->node_cpus));
    CHECK(topology->cpus && topology->node_cpus);
    if (!cpus_fill(topology, handle))
        return message_fail(message, "topology \"%s\": more than %d PUs in a core", text, UINT8_MAX);
    if (topology->domain_count > TOPOLOGY_DOMAINS_MAX)
        return message_fail(message, "topology \"%s\": %u last-level caches; at most %d can be simulated", text,
                            topology->domain_count, TOPOLOGY_DOMAINS_MAX);
    topology->domain_distance = malloc((size_t)topology->domain_count * topology->domain_count);
    CHECK(topology->domain_distance);
    distances_fill(topology, handle, interconnect);
    return true;
}

struct load {
    struct topology *topology;
    const char *text, *xml; /* no xml: a synthetic description */
    int xml_bytes;
    enum interconnect interconnect;
    struct message message;
    bool is_loaded;
};

static void load_run(void *argument)
{
    struct load *load = argument;
    hwloc_topology_t handle;

    if (!hwloc_read(&handle, load->text, load->xml, load->xml_bytes, load->message))
        return;
    load->is_loaded = topology_fill(load->topology, handle, load->text, load->interconnect, load->message);
    hwloc_topology_destroy(handle);
    if (!load->is_loaded)
        topology_free(load->topology);
}

/* hwloc follows pointers that a file need not have set. */
static bool survives_in_a_child(struct load *load, int *error)
{
    enum child_end end = child_try(load_run, load, CHILD_SECONDS);

    if (end == CHILD_CRASHES)
        message_fail(load->message,
                     "topology file %s: hwloc crashes on it (it has been edited or damaged; `lstopo --of xml FILE` "
                     "writes one)",
                     load->text);
    if (end == CHILD_NOT_STARTED) {
        *error = errno;
        message_fail(load->message, "topology file %s: no process can be started to try it in: %s", load->text,
                     strerror(errno));
    }
    if (end == CHILD_NO_MEMORY) {
        char what[512];

        (void)snprintf(what, sizeof(what), " reading the topology file %.400s", load->text);
        check_no_memory(what);
    }
    return end == CHILD_RETURNS;
}

bool topology_load(struct topology *topology, const char *text, enum interconnect interconnect, char *message,
                   size_t message_bytes)
{
    struct load load = {
        .topology = topology, .text = text, .interconnect = interconnect, .message = { message, message_bytes }
    };
    bool is_file = topology_is_file(text);
    char *xml = is_file ? topology_file_read(text, &load.xml_bytes, load.message) : NULL;

    memset(topology, 0, sizeof(*topology));
    if (is_file && !xml)
        return false;
    errno = 0;
    if (!is_file && !synthetic_check(text, load.message))
        return false;
    load.xml = xml;
    int error = 0;
    if (!is_file || survives_in_a_child(&load, &error))
        load_run(&load);
    free(xml);
    errno = error;
    return load.is_loaded;
}

void topology_free(struct topology *topology)
{
    free(topology->cpus);
    free(topology->node_cpus);
    free(topology->domain_distance);
    memset(topology, 0, sizeof(*topology));
}
