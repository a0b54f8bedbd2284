# SPDX-License-Identifier: MIT
# Writes the examples of a Markdown page to files OUT-LINE.c, OUT-LINE.sh and OUT-LINE.output.
/^```/ && fence == "" {
	fence = substr($0, 4)
	start = FNR
	text = ""
	program = 0
	next
}

/^```$/ {
	if (fence == "c" && program)
		keep("c")
	else if (fence == "sh test")
		keep("sh")
	else if (fence == "output" && last != "")
		printf "%s", text > (last ".output")
	if (fence == "output" || fence == "c" && !program)
		last = ""
	fence = ""
	next
}

fence != "" {
	text = text $0 "\n"
	if (/int main\(/ || FNR == start + 1 && /^\/\* example: /)
		program = 1
}

function keep(kind) {
	last = sprintf("%s-%05d", out, start)
	printf "%s", text > (last "." kind)
}
