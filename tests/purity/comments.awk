# SPDX-License-Identifier: MIT
# Finds public declarations without a comment. A group is a run of lines without a blank one at the
# outermost level; it is documented if a comment stands directly above it or ends its first line.
# Include guards, includes and forward declarations speak for themselves.
# The licence on line one documents nothing.
FNR == 1 { depth = in_comment = documented = open = 0; if (/SPDX/) next }

in_comment { if (/\*\//) { in_comment = 0; documented = 1 } next }

depth == 0 && /^[ \t]*\/\*/ {
	if (/\*\//)
		documented = 1
	else
		in_comment = 1
	next
}

depth == 0 && !open && /^$/ { documented = 0; next }

{
	if (depth == 0 && !open && !documented && !plain($0))
		print FILENAME ":" FNR ": not documented: " $0
	if (depth == 0 && !open && /\*\/$/)
		documented = 1
	line = $0
	gsub(/\/\*.*\*\//, "", line)
	if (line ~ /^[ \t]*#/) {
		open = line ~ /\\$/
		next
	}
	sub(/\/\/.*/, "", line)
	sub(/\/\*.*/, "", line)
	depth += gsub(/[{]/, "{", line) - gsub(/[}]/, "}", line)
	open = line !~ /[;}\\]$/ && line !~ /^[ \t]*$/ || line ~ /\\$/
}

function plain(s) {
	return s ~ /^#[ \t]*(include|ifndef|ifdef|if|endif|else|elif|undef|error|pragma)/ ||
	       s ~ /^#[ \t]*define NACRE_[A-Z0-9_]*_H$/ || s ~ /^(struct|union|enum) [a-z0-9_]+;$/ ||
	       s ~ /^extern "C"/ || s ~ /^}/ || s ~ /\*\/$/
}
