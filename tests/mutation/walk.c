/* SPDX-License-Identifier: Apache-2.0
 *
 * Finds places in the syntax tree of libclang.
 */
#include "mutation/walk.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MUTATED_BYTES = 8192 };

/* The least change of each operator that a test can be asked to notice. */
static const struct {
    const char *operator, * mutated;
} operators[] = {
    { "<", "<=" },  { "<=", "<" },  { ">", ">=" },  { ">=", ">" },  { "==", "!=" }, { "!=", "==" },
    { "&&", "||" }, { "||", "&&" }, { "+", "-" },   { "-", "+" },   { "*", "+" },   { "/", "*" },
    { "%", "/" },   { "&", "|" },   { "|", "&" },   { "^", "|" },   { "<<", ">>" }, { ">>", "<<" },
    { "+=", "-=" }, { "-=", "+=" }, { "*=", "+=" }, { "/=", "*=" }, { "|=", "&=" }, { "&=", "|=" },
};

struct place {
    size_t begin, end;
    unsigned line;
    bool is_written; /* neither of its ends lies in what a macro expands to */
};

/* Where the source uses macros, in order. */
struct expansions {
    size_t (*ranges)[2];
    size_t count, capacity;
};

struct walk {
    struct sites *sites;
    struct expansions macros;
    bool is_in_comparison; /* inside of a function that qsort takes */
};

static bool is_expanded(const struct expansions *macros, size_t at)
{
    size_t low = 0, high = macros->count;

    while (low < high) {
        size_t middle = (low + high) / 2;
        if (macros->ranges[middle][1] <= at)
            low = middle + 1;
        else
            high = middle;
    }
    return low < macros->count && macros->ranges[low][0] <= at;
}

static struct place place_of(const struct walk *walk, CXCursor cursor)
{
    CXSourceRange range = clang_getCursorExtent(cursor);
    struct place place;
    unsigned begin, end;

    clang_getExpansionLocation(clang_getRangeStart(range), NULL, &place.line, NULL, &begin);
    clang_getExpansionLocation(clang_getRangeEnd(range), NULL, NULL, NULL, &end);
    place.begin = begin;
    place.end = end;
    place.is_written = !is_expanded(&walk->macros, begin);
    return place;
}

static enum CXChildVisitResult gather(CXCursor cursor, CXCursor parent, CXClientData data)
{
    CXCursor *children = data;

    (void)parent;
    for (int i = 0; i < 2; i++) {
        if (clang_Cursor_isNull(children[i])) {
            children[i] = cursor;
            break;
        }
    }
    return CXChildVisit_Continue;
}

/* The first two children of `cursor`; null where there are fewer. */
static void children_of(CXCursor cursor, CXCursor children[2])
{
    children[0] = children[1] = clang_getNullCursor();
    clang_visitChildren(cursor, gather, children);
}

/* What stands between two operands, without blanks. */
static const char *operator_between(const struct sites *sites, size_t from, size_t to)
{
    char text[4];
    size_t length = 0;

    for (size_t i = from; i < to; i++) {
        if (isspace((unsigned char)sites->source[i]))
            continue;
        if (length + 1 == sizeof(text))
            return NULL;
        text[length++] = sites->source[i];
    }
    text[length] = '\0';
    for (size_t i = 0; i < sizeof(operators) / sizeof(operators[0]); i++) {
        if (strcmp(operators[i].operator, text) == 0)
            return operators[i].mutated;
    }
    return NULL;
}

static bool is_pointer(CXCursor cursor)
{
    return clang_getCanonicalType(clang_getCursorType(cursor)).kind == CXType_Pointer;
}

static bool is_same_text(const struct walk *walk, CXCursor left, CXCursor right)
{
    const char *source = walk->sites->source;
    struct place a = place_of(walk, left), b = place_of(walk, right);

    return a.end - a.begin == b.end - b.begin && memcmp(source + a.begin, source + b.begin, a.end - a.begin) == 0;
}

static enum CXChildVisitResult gather_three(CXCursor cursor, CXCursor parent, CXClientData data)
{
    CXCursor *children = data;

    (void)parent;
    for (int i = 0; i < 3; i++) {
        if (clang_Cursor_isNull(children[i])) {
            children[i] = cursor;
            break;
        }
    }
    return CXChildVisit_Continue;
}

/* The greater or less of two values, as in a < b ? b : a: whether it is < or <= makes no difference. */
static bool chooses(const struct walk *walk, CXCursor cursor, CXCursor parent, const CXCursor operands[2])
{
    CXCursor parts[3] = { clang_getNullCursor(), clang_getNullCursor(), clang_getNullCursor() };

    if (clang_getCursorKind(parent) != CXCursor_ConditionalOperator)
        return false;
    clang_visitChildren(parent, gather_three, parts);
    if (place_of(walk, parts[0]).begin != place_of(walk, cursor).begin ||
        place_of(walk, parts[0]).end != place_of(walk, cursor).end)
        return false;
    return (is_same_text(walk, operands[0], parts[1]) && is_same_text(walk, operands[1], parts[2])) ||
           (is_same_text(walk, operands[0], parts[2]) && is_same_text(walk, operands[1], parts[1]));
}

static void add_operator(struct walk *walk, CXCursor cursor, CXCursor parent)
{
    struct sites *sites = walk->sites;
    struct place whole = place_of(walk, cursor), left, right;
    char mutated[MUTATED_BYTES];
    CXCursor operands[2];

    children_of(cursor, operands);
    if (!whole.is_written || clang_Cursor_isNull(operands[1]))
        return;
    left = place_of(walk, operands[0]);
    right = place_of(walk, operands[1]);
    const char *operator= operator_between(sites, left.end, right.begin);
    if (!operator|| whole.end - whole.begin> MUTATED_BYTES / 2)
        return;
    if (strchr("<>", operator[0]) && strlen(operator) < 3 && chooses(walk, cursor, parent, operands))
        operator= sites->source[left.end + strspn(sites->source + left.end, " \n")] == '<' ? ">" : "<";
    /* The sum of two pointers is nothing. */
    if (is_pointer(operands[1]) && strcmp(operator, "+") == 0)
        return;
    bool is_assignment = clang_getCursorKind(cursor) == CXCursor_CompoundAssignOperator;
    snprintf(mutated, sizeof(mutated), is_assignment ? "(%.*s %s (%.*s))" : "((%.*s) %s (%.*s))",
             (int)(left.end - left.begin), sites->source + left.begin, operator, (int)(right.end - right.begin),
             sites->source + right.begin);
    sites_add(sites, whole.begin, whole.end, left.line, mutated);
}

static void add_unary(struct walk *walk, CXCursor cursor)
{
    struct sites *sites = walk->sites;
    struct place whole = place_of(walk, cursor);
    const char *text = sites->source + whole.begin;
    size_t length = whole.end - whole.begin;
    char mutated[MUTATED_BYTES];

    if (!whole.is_written || length < 3 || length > MUTATED_BYTES / 2)
        return;
    if (strchr("*&-~", text[0]) && strncmp(text, "--", 2) != 0)
        return; /* what it is applied to is a place of its own */
    if (text[0] == '!')
        snprintf(mutated, sizeof(mutated), "(!%.*s)", (int)length, text);
    else if (strncmp(text + length - 2, "++", 2) == 0 || strncmp(text + length - 2, "--", 2) == 0)
        snprintf(mutated, sizeof(mutated), "(%.*s%s)", (int)length - 2, text, text[length - 1] == '+' ? "--" : "++");
    else if (strncmp(text, "++", 2) == 0 || strncmp(text, "--", 2) == 0)
        snprintf(mutated, sizeof(mutated), "(%s%.*s)", text[0] == '+' ? "--" : "++", (int)length - 2, text + 2);
    else
        return;
    sites_add(sites, whole.begin, whole.end, whole.line, mutated);
}

/* A call whose value is not used, where it is a statement of its own. */
static void add_call(struct walk *walk, CXCursor cursor, enum CXCursorKind parent)
{
    struct sites *sites = walk->sites;
    struct place whole = place_of(walk, cursor);
    size_t after = whole.end;

    while (after < sites->source_bytes && isspace((unsigned char)sites->source[after]))
        after++;
    if (!whole.is_written || after >= sites->source_bytes || sites->source[after] != ';')
        return;
    if (parent != CXCursor_CompoundStmt && parent != CXCursor_IfStmt && parent != CXCursor_WhileStmt)
        return;
    char mutated[] = "(void)0";
    sites_add(sites, whole.begin, whole.end, whole.line, mutated);
}

static void add_constant(struct walk *walk, CXCursor cursor)
{
    struct sites *sites = walk->sites;
    struct place whole = place_of(walk, cursor);
    char mutated[64];

    /* A designator's index is a constant of the compiler; {0} says that nothing is set. */
    if (!whole.is_written || whole.begin == 0 || whole.end - whole.begin > 32)
        return;
    char before = sites->source[whole.begin - 1], after = sites->source[whole.end];
    if (before == '[' || (before == '{' && after == '}'))
        return;
    snprintf(mutated, sizeof(mutated), "(%.*s + 1)", (int)(whole.end - whole.begin), sites->source + whole.begin);
    sites_add(sites, whole.begin, whole.end, whole.line, mutated);
}

/* What an `if` asks, when no operator of it is mutated. */
static void add_condition(struct walk *walk, CXCursor cursor)
{
    struct sites *sites = walk->sites;
    char mutated[MUTATED_BYTES];
    CXCursor children[2];

    children_of(cursor, children);
    struct place whole = place_of(walk, children[0]);
    enum CXCursorKind kind = clang_getCursorKind(children[0]);
    if (!whole.is_written || kind == CXCursor_BinaryOperator || kind == CXCursor_UnaryOperator ||
        whole.end - whole.begin > MUTATED_BYTES / 2)
        return;
    snprintf(mutated, sizeof(mutated), "(!(%.*s))", (int)(whole.end - whole.begin), sites->source + whole.begin);
    sites_add(sites, whole.begin, whole.end, whole.line, mutated);
}

static enum CXChildVisitResult visit(CXCursor cursor, CXCursor parent, CXClientData data);

/* Of what a comparison returns only the sign means something. */
static bool is_returned(enum CXCursorKind parent)
{
    return parent == CXCursor_ConditionalOperator || parent == CXCursor_UnaryOperator || parent == CXCursor_ReturnStmt;
}

static bool is_zero(CXCursor literal)
{
    CXEvalResult result = clang_Cursor_Evaluate(literal);
    bool is = result && clang_EvalResult_getKind(result) == CXEval_Int && clang_EvalResult_getAsInt(result) == 0;

    if (result)
        clang_EvalResult_dispose(result);
    return is;
}

static enum CXChildVisitResult visit_initialiser(CXCursor cursor, CXCursor parent, CXClientData data)
{
    return clang_getCursorKind(cursor) == CXCursor_InitListExpr ? visit(cursor, parent, data) : CXChildVisit_Continue;
}

static enum CXChildVisitResult visit_case(CXCursor cursor, CXCursor parent, CXClientData data)
{
    CXCursor children[2];

    children_of(parent, children);
    return clang_equalCursors(children[0], cursor) ? CXChildVisit_Continue : visit(cursor, parent, data);
}

static enum CXChildVisitResult visit_variable(CXCursor cursor, struct walk *walk)
{
    enum CXTypeKind kind = clang_getCanonicalType(clang_getCursorType(cursor)).kind;
    bool is_array = kind == CXType_ConstantArray || kind == CXType_IncompleteArray || kind == CXType_VariableArray;

    if (clang_Cursor_getStorageClass(cursor) != CX_SC_Static)
        clang_visitChildren(cursor, is_array ? visit_initialiser : visit, walk);
    return CXChildVisit_Continue;
}

static bool ends_in(const char *name, const char *end)
{
    size_t bytes = strlen(name), end_bytes = strlen(end);

    return bytes >= end_bytes && strcmp(name + bytes - end_bytes, end) == 0;
}

enum callee { CALLEE_OTHER, CALLEE_LEFT_OUT, CALLEE_ALLOCATES };

/* A call of the compiler's own may need constants. Whether memory is given back is what the suites with sanitizers
 * (tests/run) ask at the end of each test. */
static enum callee callee_of(CXCursor cursor)
{
    static const char *const ends[] = { "free", "_destroy", "json_decref" }, *const allocating[] = { "malloc", "calloc",
                                                                                                     "realloc" };
    CXString spelling = clang_getCursorSpelling(cursor);
    const char *name = clang_getCString(spelling);
    enum callee callee = name && name[0] == '_' && name[1] == '_' ? CALLEE_LEFT_OUT : CALLEE_OTHER;

    for (size_t i = 0; name && i < sizeof(ends) / sizeof(ends[0]); i++)
        callee = ends_in(name, ends[i]) ? CALLEE_LEFT_OUT : callee;
    for (size_t i = 0; name && i < sizeof(allocating) / sizeof(allocating[0]); i++)
        callee = strcmp(name, allocating[i]) == 0 ? CALLEE_ALLOCATES : callee;
    clang_disposeString(spelling);
    return callee;
}

/* A constant only grows, and no test notices more memory. */
static enum CXChildVisitResult visit_size(CXCursor cursor, CXCursor parent, CXClientData data)
{
    return clang_getCursorKind(cursor) == CXCursor_IntegerLiteral ? CXChildVisit_Continue : visit(cursor, parent, data);
}

static enum CXChildVisitResult visit_call(CXCursor cursor, CXCursor parent, struct walk *walk)
{
    enum callee callee = callee_of(cursor);

    if (callee == CALLEE_LEFT_OUT)
        return CXChildVisit_Continue;
    add_call(walk, cursor, clang_getCursorKind(parent));
    if (callee != CALLEE_ALLOCATES)
        return CXChildVisit_Recurse;
    clang_visitChildren(cursor, visit_size, walk);
    return CXChildVisit_Continue;
}

static enum CXChildVisitResult visit(CXCursor cursor, CXCursor parent, CXClientData data)
{
    struct walk *walk = data;

    switch (clang_getCursorKind(cursor)) {
    case CXCursor_CaseStmt:
        clang_visitChildren(cursor, visit_case, walk);
        return CXChildVisit_Continue;
    case CXCursor_VarDecl:
        return visit_variable(cursor, walk);
    case CXCursor_UnaryExpr: /* sizeof */
    case CXCursor_StaticAssert:
    case CXCursor_EnumDecl:
    case CXCursor_StructDecl:
    case CXCursor_GCCAsmStmt:
    case CXCursor_CompoundLiteralExpr: /* the size of its array would be visited */
        return CXChildVisit_Continue;
    case CXCursor_BinaryOperator:
    case CXCursor_CompoundAssignOperator:
        add_operator(walk, cursor, parent);
        return CXChildVisit_Recurse;
    case CXCursor_UnaryOperator:
        add_unary(walk, cursor);
        return CXChildVisit_Recurse;
    case CXCursor_IntegerLiteral:
        if (!walk->is_in_comparison || !is_returned(clang_getCursorKind(parent)) || is_zero(cursor))
            add_constant(walk, cursor);
        return CXChildVisit_Continue;
    case CXCursor_IfStmt:
        add_condition(walk, cursor);
        return CXChildVisit_Recurse;
    case CXCursor_CallExpr:
        return visit_call(cursor, parent, walk);
    default:
        return CXChildVisit_Recurse;
    }
}

/* int f(const void *, const void *) */
static bool is_comparison(CXCursor function)
{
    CXType type = clang_getCursorType(function);
    bool is = clang_getNumArgTypes(type) == 2 && clang_getResultType(type).kind == CXType_Int;

    for (unsigned i = 0; i < 2 && is; i++) {
        CXType argument = clang_getArgType(type, i);
        is = argument.kind == CXType_Pointer && clang_getPointeeType(argument).kind == CXType_Void;
    }
    return is;
}

static enum CXChildVisitResult visit_function(CXCursor cursor, CXCursor parent, CXClientData data)
{
    (void)parent;
    if (clang_getCursorKind(cursor) == CXCursor_FunctionDecl && clang_isCursorDefinition(cursor) &&
        clang_Location_isFromMainFile(clang_getCursorLocation(cursor))) {
        struct walk *walk = data;
        walk->is_in_comparison = is_comparison(cursor);
        clang_visitChildren(cursor, visit, walk);
    }
    return CXChildVisit_Continue;
}

static enum CXChildVisitResult visit_expansion(CXCursor cursor, CXCursor parent, CXClientData data)
{
    struct expansions *macros = data;
    CXSourceRange range = clang_getCursorExtent(cursor);
    unsigned begin, end;

    (void)parent;
    if (clang_getCursorKind(cursor) != CXCursor_MacroExpansion ||
        !clang_Location_isFromMainFile(clang_getRangeStart(range)))
        return CXChildVisit_Continue;
    clang_getExpansionLocation(clang_getRangeStart(range), NULL, NULL, NULL, &begin);
    clang_getExpansionLocation(clang_getRangeEnd(range), NULL, NULL, NULL, &end);
    if (macros->count > 0 && begin < macros->ranges[macros->count - 1][1])
        return CXChildVisit_Continue; /* an argument of the one before */
    if (macros->count == macros->capacity) {
        macros->capacity = macros->capacity ? 2 * macros->capacity : 256;
        macros->ranges = realloc(macros->ranges, macros->capacity * sizeof(macros->ranges[0]));
        if (!macros->ranges)
            abort();
    }
    macros->ranges[macros->count][0] = begin;
    macros->ranges[macros->count++][1] = end;
    return CXChildVisit_Continue;
}

void walk_unit(CXTranslationUnit unit, struct sites *sites)
{
    CXString name = clang_getTranslationUnitSpelling(unit);
    struct walk walk = { .sites = sites };
    size_t bytes;

    const char *text = clang_getFileContents(unit, clang_getFile(unit, clang_getCString(name)), &bytes);
    clang_disposeString(name);
    if (!text)
        return;
    sites->source = malloc(bytes + 1);
    if (!sites->source)
        abort();
    memcpy(sites->source, text, bytes);
    sites->source[bytes] = '\0';
    sites->source_bytes = bytes;
    clang_visitChildren(clang_getTranslationUnitCursor(unit), visit_expansion, &walk.macros);
    clang_visitChildren(clang_getTranslationUnitCursor(unit), visit_function, &walk);
    free(walk.macros.ranges);
}
