# SPDX-License-Identifier: Apache-2.0
#
# The closed forms, of textbooks and of Boyd-Wickizer et al. (OLS 2012): prints name, what is compared, known
# value. bench/theory/run simulates the cells of the same names.

function emit(name, what, value) { printf "%s,%s,%.8g\n", name, what, value }

# Mean wait of an open queue, in units of the mean service; second moment of the service in its square.
function pollaczek(rho, moment) { return rho * moment / (2 * (1 - rho)) }

function erlang_wait(servers, load,   k, term, sum) {
    term = sum = 1
    for (k = 1; k < servers; k++) {
        term *= load / k
        sum += term
    }
    term *= load / servers
    term *= servers / (servers - load)
    return term / (sum + term) / (servers - load)
}

# P(k) ~ N!/(N-k)! (S/Z)^k: acquisitions a cycle.
function repairman(cpus, think, hold,   k, term, sum) {
    term = sum = 1
    for (k = 1; k <= cpus; k++) {
        term *= (cpus - k + 1) * hold / think
        sum += term
    }
    return (1 - 1 / sum) / hold
}

function convoy(cpus, think, hold, hand_over,   alone, queued) {
    alone = think + hold + hand_over
    queued = cpus * (hold + hand_over)
    return cpus / (alone > queued ? alone : queued)
}

# Service with k behind the owner: s + ck/2 as published; or with the release behind all k reads (tests/theory).
function service(form, k, s, c,   rank, sum) {
    if (form == "published" || k == 0)
        return s + c * k / 2
    sum = 0
    for (rank = 1; rank <= k; rank++)
        sum += k * c + s * exp(-(k * c - (rank * c - c / 2)) / s)
    return sum / k
}

function boyd_wickizer(form, cpus, s, a, c,   k, weight, sum, at_lock) {
    weight = sum = 1
    at_lock = 0
    for (k = 0; k < cpus; k++) {
        weight *= (cpus - k) / a * service(form, k, s, c)
        sum += weight
        at_lock += weight * (k + 1)
    }
    return (cpus - at_lock / sum) / a
}

BEGIN {
    emit("M/M/1-0.5", "wait", pollaczek(0.5, 2)); emit("M/M/1-0.8", "wait", pollaczek(0.8, 2)); emit("M/M/1-0.95", "wait", pollaczek(0.95, 2))
    emit("M/D/1-0.5", "wait", pollaczek(0.5, 1)); emit("M/D/1-0.8", "wait", pollaczek(0.8, 1)); emit("M/D/1-0.95", "wait", pollaczek(0.95, 1))
    emit("M/H/1-0.5", "wait", pollaczek(0.5, 2.5)); emit("M/H/1-0.8", "wait", pollaczek(0.8, 2.5)); emit("M/H/1-0.95", "wait", pollaczek(0.95, 2.5))
    emit("M/G/1-0.38", "wait", 351.6129 / 380)
    emit("M/M/4-0.8", "wait", erlang_wait(4, 3.2)); emit("M/M/8-0.9", "wait", erlang_wait(8, 7.2))
    n = split("4 1000 100;8 1000 100;16 1000 100;32 1000 100;80 40000 600", rows, ";")
    for (i = 1; i <= n; i++) {
        split(rows[i], r, " ")
        emit("repairman-" r[1], "rate", repairman(r[1], r[2], r[3]) * 1e6)
    }
    emit("convoy-4", "rate", convoy(4, 1000, 100, 50) * 1e6); emit("convoy-8", "rate", convoy(8, 1000, 100, 50) * 1e6)
    emit("convoy-80", "rate", convoy(80, 40000, 200, 400) * 1e6); emit("convoy-80-short", "rate", convoy(80, 20000, 200, 400) * 1e6)
    n = split("1 2 4 8 12", rows, " ")
    for (i = 1; i <= n; i++)
        emit("ticket-" rows[i], "rate", boyd_wickizer("published", rows[i], 400, 19600, 300) * 1e6)
    n = split("32 48 80", rows, " ")
    for (i = 1; i <= n; i++) {
        emit("ticket-" rows[i], "rate", boyd_wickizer("in-order", rows[i], 400, 19600, 300) * 1e6)
        emit("ticket-" rows[i] "-published", "rate", boyd_wickizer("published", rows[i], 400, 19600, 300) * 1e6)
    }
    emit("moderation-1MHz-50us", "rate", 1 / (50e-6 + 1e-6)); emit("moderation-100kHz-50us", "rate", 1 / (50e-6 + 1e-5))
    emit("moderation-10kHz-50us", "rate", 1 / (50e-6 + 1e-4))
}
