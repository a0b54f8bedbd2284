# SPDX-License-Identifier: MIT
# From lines "folder lines" to a table; a line that starts with "!" is a broken budget.
BEGIN {
	MAX_P90 = 40
	split("libwire libcrypt libkex libauth libchan tools", order, " ")
}

{ at[$1, ++count[$1]] = $2 }

END {
	printf "%-10s %9s %7s %5s %8s\n", "", "functions", "median", "p90", "largest"
	for (i = 1; i <= 6; i++)
		if (order[i] in count)
			row(order[i], count[order[i]])
}

function row(folder, n,    i, j, v, p90) {
	for (i = 2; i <= n; i++) {
		v = at[folder, i]
		for (j = i - 1; j > 0 && at[folder, j] > v; j--)
			at[folder, j + 1] = at[folder, j]
		at[folder, j + 1] = v
	}
	p90 = at[folder, rank(n, 0.9)]
	printf "%-10s %9d %7d %5d %8d\n", folder, n, at[folder, rank(n, 0.5)], p90, at[folder, n]
	if (p90 > MAX_P90 && folder != "tools")
		print "! " folder ": the 90th percentile of its functions is " p90 " lines"
}

function rank(n, q,    r) {
	r = int(n * q)
	return r < n * q ? r + 1 : r
}
