/* SPDX-License-Identifier: Apache-2.0
 *
 * For the hypervisors' files of our own: what the model has called, in order, as text: "bind 0@2; " on CPU 2. Writing
 * it is no access of the code.
 */
#ifndef TESTS_MODELS_OWN_SAID_H
#define TESTS_MODELS_OWN_SAID_H

#if defined(__clang__)
#define PEEK __attribute__((no_sanitize("thread"), no_sanitize("coverage")))
#else
#define PEEK __attribute__((no_sanitize("thread"), no_sanitize_coverage))
#endif

char own_said[16384];
static unsigned said_bytes;

PEEK static void say_text(const char *text)
{
    while (*text && said_bytes < sizeof(own_said) - 1)
        own_said[said_bytes++] = *text++;
}

PEEK static void say_number(unsigned long number)
{
    char digits[2] = { (char)('0' + number % 10), 0 };

    if (number >= 10)
        say_number(number / 10);
    say_text(digits);
}

PEEK static void say(const char *what, unsigned long number)
{
    say_text(what);
    say_text(" ");
    say_number(number);
    say_text("@");
    say_number(irqpath_cpu());
    say_text("; ");
}

#endif
