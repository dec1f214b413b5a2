/* SPDX-License-Identifier: Apache-2.0
 *
 * Makes the pages of the commands.
 */
#include "commands/manual.h"

#include <stdio.h>
#include <string.h>

#include "commands/command.h"
#include "commands/experiment_help.h"

enum { PAGE_IRQPATH, PAGE_SCENARIO, PAGE_EXPERIMENT, PAGE_MPI, PAGE_COMMANDS };

static size_t command_count(void)
{
    size_t count = 0;

    while (commands[count] != NULL)
        count++;
    return count;
}

size_t manual_count(void) { return PAGE_COMMANDS + command_count(); }

const char *manual_topic(size_t page)
{
    static const char *const topics[] = { "irqpath", "scenario", "experiment-file", "mpi" };

    return page < PAGE_COMMANDS ? topics[page] : commands[page - PAGE_COMMANDS]->name;
}

static void add_terms(struct document *document, const char *heading, const struct command_term *terms)
{
    document_heading(document, heading);
    for (; terms->term != NULL; terms++)
        document_item(document, terms->term, terms->meaning);
}

static void add_files(struct document *document)
{
    static const struct command_term files[] = {
        { "PREFIX/share/irqpath/scenarios/", "the scenarios that are found by name, with machines/ and costs/" },
        { "PREFIX/share/irqpath/code/", "what irqpath build compiles with a hypervisor's files" },
        { "PREFIX/share/irqpath/schema/",
          "the JSON Schema of scenarios, for editors; in documents/, those of what --json prints" },
        { NULL, NULL },
    };

    add_terms(document, "FILES", files);
    document_text(document, "PREFIX is the folder that holds the program's bin/; it may be moved as a whole.");
}

static void make_irqpath(struct document *document)
{
    document_init(document, "irqpath", 1, "simulate the path of an interrupt through a hypervisor");
    document_heading(document, "SYNOPSIS");
    document_text(document, "irqpath COMMAND [ARGUMENTS] [OPTIONS]");
    document_heading(document, "DESCRIPTION");
    document_text(document,
                  "irqpath simulates, cycle by cycle, the path that an interrupt takes through a hypervisor: device, "
                  "IOMMU, physical CPU, hypervisor, virtual CPU. The same models run with times, with random times, "
                  "and through every interleaving.");
    document_heading(document, "COMMANDS");
    for (const struct command *const *command = commands; *command != NULL; command++)
        document_item(document, (*command)->name, (*command)->summary);
    document_text(document, "Each command has a page of its own, irqpath-COMMAND(1).");
    add_terms(document, "EXIT STATUS", command_exit_codes);
    add_terms(document, "ENVIRONMENT", command_variables);
    add_files(document);
    document_heading(document, "EXAMPLES");
    document_literal(document, "  irqpath init -o mine.yaml && irqpath run mine.yaml\n"
                               "  irqpath compare eight-socket-steal --designs domain-tasklet,softirq-requeue\n"
                               "  irqpath explore explore-steady --design softirq-masked -o lost.json\n"
                               "  irqpath replay lost.json");
    document_heading(document, "SEE ALSO");
    document_text(document, "irqpath-scenario(5), irqpath-experiment(5)");
}

static void add_options(struct document *document, const struct command *command)
{
    const struct cli_option *option;
    char term[64];

    document_heading(document, "OPTIONS");
    for (size_t i = 0; (option = cli_option_at(command, i)) != NULL; i++)
        document_item(document, cli_option_term(option, false, term, sizeof(term)), option->help);
}

static void add_paragraphs(struct document *document, const char *const *paragraphs)
{
    for (; *paragraphs != NULL; paragraphs++)
        document_text(document, *paragraphs);
}

static void make_command(const struct command *command, struct document *document)
{
    char text[256];

    (void)snprintf(text, sizeof(text), "irqpath-%s", command->name);
    document_init(document, text, 1, command->summary);
    document_heading(document, "SYNOPSIS");
    (void)snprintf(text, sizeof(text), "irqpath %s %s%s[OPTIONS]", command->name, command->arguments,
                   *command->arguments != '\0' ? " " : "");
    document_text(document, text);
    document_heading(document, "DESCRIPTION");
    if (command->paragraphs == experiment_help) /* the others describe the file, which has a page */
        document_text(document, experiment_help[0]);
    else if (command->paragraphs != NULL)
        add_paragraphs(document, command->paragraphs);
    else
        document_text(document, command->description != NULL ? command->description : command->summary);
    add_options(document, command);
    add_terms(document, "EXIT STATUS", command_exit_codes);
    document_heading(document, "SEE ALSO");
    document_text(document, command->paragraphs == experiment_help ? "irqpath(1), irqpath-experiment(5)"
                                                                   : "irqpath(1), irqpath-scenario(5)");
}

static void make_experiment(struct document *document)
{
    document_init(document, "irqpath-experiment", 5, "a question, its runs, tables, figures and verdict in one file");
    document_heading(document, "DESCRIPTION");
    add_paragraphs(document, experiment_help);
    document_heading(document, "SEE ALSO");
    document_text(document, "irqpath-experiment(1), irqpath-scenario(5)");
}

static void make_mpi(struct document *document)
{
    document_init(document, "irqpath-mpi", 1, "what irqpath explore becomes under mpirun");
    document_heading(document, "SYNOPSIS");
    document_text(document, "mpirun -n N irqpath explore SCENARIO [OPTIONS]");
    document_heading(document, "DESCRIPTION");
    document_text(document, "irqpath explore starts irqpath-mpi, which has to stand beside it, when mpirun starts it: "
                            "one process of MPI for each of irqpath, which passes states between them. It is of no use "
                            "by itself.");
    document_heading(document, "SEE ALSO");
    document_text(document, "irqpath-explore(1), mpirun(1)");
}

void manual_make(const struct cli *cli, size_t page, struct document *document)
{
    if (page == PAGE_IRQPATH)
        make_irqpath(document);
    else if (page == PAGE_SCENARIO)
        manual_scenario(cli, document);
    else if (page == PAGE_EXPERIMENT)
        make_experiment(document);
    else if (page == PAGE_MPI)
        make_mpi(document);
    else
        make_command(commands[page - PAGE_COMMANDS], document);
}
