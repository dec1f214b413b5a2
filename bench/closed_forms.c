/* SPDX-License-Identifier: Apache-2.0
 *
 * The closed forms that bench/measure/theory simulates, of textbooks and of Boyd-Wickizer et al. (OLS 2012). Prints
 * CSV: form, kind, known. Kinds: form; approximate, the ticket lock beyond its knee with the release behind the reads,
 * but with exponential service; as-published, the same by the published recursion. Waits are in units of the mean
 * service, rates in a million cycles.
 */
#include <math.h>
#include <stdio.h>

/* The mean wait of an open queue with one server: load, and second moment of the service in its square. */
static double pollaczek(double load, double moment) { return load * moment / (2 * (1 - load)); }

static double erlang_wait(int servers, double load)
{
    double term = 1, sum = 1;

    for (int k = 1; k < servers; k++) {
        term *= load / k;
        sum += term;
    }
    term *= load / servers * servers / (servers - load);
    return term / (sum + term) / (servers - load);
}

/* Acquisitions a cycle of CPUs that think and hold: P(k at the lock) ~ N!/(N-k)! (hold / think)^k. */
static double repairman(int cpus, double think, double hold)
{
    double term = 1, sum = 1;

    for (int k = 1; k <= cpus; k++) {
        term *= (cpus - k + 1) * hold / think;
        sum += term;
    }
    return (1 - 1 / sum) / hold;
}

static double convoy(int cpus, double think, double hold, double hand_over)
{
    return cpus / fmax(think + hold + hand_over, cpus * (hold + hand_over));
}

/* The service with k CPUs behind the owner: as published, or with the release behind all of their k reads. */
static double service(int k, double hold, double read, int is_published)
{
    double sum = 0;

    if (is_published || k == 0)
        return hold + read * k / 2;
    for (int rank = 1; rank <= k; rank++)
        sum += k * read + hold * exp(-(k * read - (rank * read - read / 2)) / hold);
    return sum / k;
}

static double boyd_wickizer(int cpus, int is_published)
{
    const double hold = 400, think = 19600, read = 300;
    double weight = 1, sum = 1, at_lock = 0;

    for (int k = 0; k < cpus; k++) {
        weight *= (cpus - k) / think * service(k, hold, read, is_published);
        sum += weight;
        at_lock += weight * (k + 1);
    }
    return (cpus - at_lock / sum) / think;
}

static void print(const char *name, int number, const char *kind, double known)
{
    if (number > 0)
        printf("%s%d,%s,%.8g\n", name, number, kind, known);
    else
        printf("%s,%s,%.8g\n", name, kind, known);
}

static void print_queues(void)
{
    static const struct {
        const char *name;
        double moment;
    } services[] = { { "M/M/1", 2 }, { "M/D/1", 1 }, { "M/H/1", 2.5 } };
    static const double loads[] = { 0.5, 0.8, 0.95 };

    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++)
            printf("%s-%g,form,%.8g\n", services[i].name, loads[j], pollaczek(loads[j], services[i].moment));
    print("M/G/1-0.38", 0, "form", 351.6129 / 380);
    print("M/M/4-0.8", 0, "form", erlang_wait(4, 3.2));
    print("M/M/8-0.9", 0, "form", erlang_wait(8, 7.2));
}

static void print_locks(void)
{
    static const int machines[][3] = {
        { 4, 1000, 100 }, { 8, 1000, 100 }, { 16, 1000, 100 }, { 32, 1000, 100 }, { 80, 40000, 600 }
    };
    static const int before_knee[] = { 1, 2, 4, 8, 12 }, beyond[] = { 32, 48, 80 };

    for (int i = 0; i < 5; i++)
        print("repairman-", machines[i][0], "form", 1e6 * repairman(machines[i][0], machines[i][1], machines[i][2]));
    print("convoy-", 4, "form", 1e6 * convoy(4, 1000, 100, 50));
    print("convoy-", 8, "form", 1e6 * convoy(8, 1000, 100, 50));
    print("convoy-", 80, "form", 1e6 * convoy(80, 40000, 200, 400));
    print("convoy-80-short", 0, "form", 1e6 * convoy(80, 20000, 200, 400));
    for (int i = 0; i < 5; i++)
        print("ticket-", before_knee[i], "form", 1e6 * boyd_wickizer(before_knee[i], 1));
    for (int i = 0; i < 3; i++) {
        print("ticket-", beyond[i], "approximate", 1e6 * boyd_wickizer(beyond[i], 0));
        print("ticket-", beyond[i], "as-published", 1e6 * boyd_wickizer(beyond[i], 1));
    }
}

int main(void)
{
    puts("form,kind,known");
    print_queues();
    print_locks();
    return 0;
}
