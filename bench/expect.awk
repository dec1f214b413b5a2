# SPDX-License-Identifier: Apache-2.0
#
# Holds the expectations of bench/catalogue against a data.csv:
#   awk -f bench/expect.awk EXPECTATIONS data.csv
# prints text, left value, relation, right value and yes or no, separated by tabs. An expectation that no row answers does
# not hold.

FNR == NR {
    expectations[++expectation_count] = $0
    next
}

FNR == 1 {
    FS = ","
    $0 = $0
    for (i = 1; i <= NF; i++)
        column[$i] = i
    next
}

{ lines[++line_count] = $0 }

# The value that the words from..to ask for; "" when no row has one.
function value_of(from, to,   i, n, fields, conditions, count, values, row, is_match, is_other, pair, sum, position) {
    if (words[from] ~ /^-?[0-9.]/)
        return words[from] + 0
    if (!(words[from + 1] in column))
        return ""
    count = 0
    sum = 0
    for (row = 1; row <= line_count; row++) {
        n = split(lines[row], fields, ",")
        is_match = 1
        for (i = from + 3; i <= to; i++) {
            position = index(words[i], "=")
            pair = substr(words[i], 1, position - 1)
            is_other = sub(/!$/, "", pair)
            is_match = is_match && (pair in column) && \
                (fields[column[pair]] == substr(words[i], position + 1)) != is_other
        }
        if (is_match && fields[column[words[from + 1]]] != "") {
            values[++count] = fields[column[words[from + 1]]] + 0
            sum += values[count]
        }
    }
    if (words[from] == "count")
        return count
    if (count == 0)
        return ""
    sort(values, count)
    if (words[from] == "min")
        return values[1]
    if (words[from] == "max")
        return values[count]
    if (words[from] == "mean")
        return sum / count
    if (words[from] == "median")
        return (values[int((count + 1) / 2)] + values[int(count / 2) + 1]) / 2
    return ""
}

function sort(values, count,   i, j, value) {
    for (i = 2; i <= count; i++) {
        value = values[i]
        for (j = i - 1; j > 0 && values[j] > value; j--)
            values[j + 1] = values[j]
        values[j + 1] = value
    }
}

END {
    for (e = 1; e <= expectation_count; e++) {
        text = expectations[e]
        sub(/: .*/, "", text)
        rest = substr(expectations[e], length(text) + 3)
        word_count = split(rest, words, " ")
        factor = 1
        if (words[word_count - 1] == "*") {
            factor = words[word_count]
            word_count -= 2
        }
        relation = 0
        for (i = 1; i <= word_count; i++)
            if (words[i] ~ /^[<>=]$/)
                relation = i
        left = value_of(1, relation - 1)
        right = value_of(relation + 1, word_count)
        if (right != "")
            right *= factor
        holds = left != "" && right != "" && \
            (words[relation] == "<" ? left < right : words[relation] == ">" ? left > right : left == right)
        printf "%s\t%s\t%s\t%s\t%s\n", text, left == "" ? "none" : sprintf("%.4g", left), words[relation],
            right == "" ? "none" : sprintf("%.4g", right), holds ? "yes" : "no"
    }
}
