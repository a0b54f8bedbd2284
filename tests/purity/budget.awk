# SPDX-License-Identifier: MIT
# Measures C sources in the repository's format: a function opens with `{` and closes with `}`, each
# alone in column one; one tab is one level of nesting. Prints what is over a budget, and into the
# file `table` a line "folder lines" for each function.
BEGIN {
	MAX_FUNCTION = 60
	MAX_FILE = 500
	MAX_NESTING = 3
	MAX_PARAMETERS = 5
	n_long = split(long_files, long, " ")
	for (i = 1; i <= n_long; i++) {
		gsub(/\./, "\\.", long[i])
		gsub(/\*/, "[^/]*", long[i])
	}
	printf "" > table
}

FNR == 1 {
	end_of_file()
	file = FILENAME
	split(file, part, "/")
	header = file ~ /^lib.*\.h$/
	in_comment = in_function = depth = 0
}

{
	lines = FNR
	code = strip($0)
	if (code ~ /^[A-Za-z_].*\(/)
		name = code
	if (code ~ /(^|[^A-Za-z0-9_])goto[ \t]+[A-Za-z_]/)
		print file ":" FNR ": goto"
	if (code == "{") {
		in_function = 1
		first = FNR
	} else if (code == "}" && in_function) {
		end_of_function()
	} else if (in_function && code ~ /^\t+(\} )?(if|for|while|switch|do|else)([^A-Za-z0-9_]|$)/) {
		match(code, /^\t+/)
		if (RLENGTH > MAX_NESTING)
			print file ":" FNR ": nested " RLENGTH " deep"
	}
	if (header && code !~ /^[ \t]*#/ && before !~ /\\$/)
		count_parameters(code)
	before = $0
}

END { end_of_file() }

function end_of_function(    n) {
	in_function = 0
	n = FNR - first + 1
	print part[1], n > table
	if (n > MAX_FUNCTION) {
		sub(/\(.*/, "", name)
		sub(/.*[ *]/, "", name)
		print file ":" first ": " name " has " n " lines"
	}
}

function end_of_file(    i) {
	if (file == "" || lines <= MAX_FILE)
		return
	for (i = 1; i <= n_long; i++)
		if (file ~ "^" long[i] "$")
			return
	print file ": " lines " lines"
}

# The line without comments and without what strings and characters say.
function strip(s,    out, c, two) {
	out = ""
	while (s != "") {
		two = substr(s, 1, 2)
		if (in_comment) {
			c = index(s, "*/")
			if (c == 0)
				break
			in_comment = 0
			s = substr(s, c + 2)
		} else if (two == "/*") {
			in_comment = 1
			s = substr(s, 3)
		} else if (two == "//") {
			break
		} else if (match(s, /^"([^"\\]|\\.)*"/) || match(s, /^'([^'\\]|\\.)+'/)) {
			out = out "\"\""
			s = substr(s, RLENGTH + 1)
		} else {
			match(s, /^([A-Za-z0-9_ \t]+|.)/)
			out = out substr(s, 1, RLENGTH)
			s = substr(s, RLENGTH + 1)
		}
	}
	sub(/[ \t]+$/, "", out)
	return out
}

# Counts the commas of every pair of parentheses, over line ends too.
function count_parameters(s,    c) {
	while (match(s, /[(),]/)) {
		c = substr(s, RSTART, 1)
		s = substr(s, RSTART + 1)
		if (c == "(") {
			commas[++depth] = 0
		} else if (depth > 0 && c == ",") {
			commas[depth]++
		} else if (depth > 0) {
			if (commas[depth] >= MAX_PARAMETERS)
				print file ":" FNR ": " commas[depth] + 1 " parameters"
			depth--
		}
	}
}
