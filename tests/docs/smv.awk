# SPDX-License-Identifier: MIT
# Reads what `nacre-states -T smv` prints and checks it: is it a model of the form that NuSMV takes, as
# far as this form goes, and does it hold what it claims? Not packaged in Debian, NuSMV itself is not
# asked. Prints what is wrong, and the steps from state to state, each once: "MODULE FROM TO".

function wrong(what) { print FILENAME ":" FNR ": " what; bad = 1 }

function declare(text, into,   n, i, names) {
	sub(/^[^{]*\{/, "", text); sub(/\};.*$/, "", text)
	n = split(text, names, /, /)
	for (i = 1; i <= n; i++) {
		if (names[i] !~ /^[A-Z][A-Z0-9_]*$/ || names[i] in into) wrong("name " names[i])
		into[names[i]] = 1
	}
}

function forget(   k) {
	for (k in states) delete states[k]
	for (k in messages) delete messages[k]
	for (k in rule) delete rule[k]
	for (k in guarded) delete guarded[k]
	for (k in seen) delete seen[k]
	for (k in steps) delete steps[k]
	parts = depth = 0
}

# All that follows one step from a state, with strict kex or without, first exchange or later.
function step(s, strict, first,   m, to, n, i, next_first) {
	for (m in messages) {
		to = "DEAD"
		if ((s, m) in rule && !(guarded[s, m] && strict && first)) to = rule[s, m]
		else if (m == "UNKNOWN" && !(strict && first) && s != "EXPECT_KEXINIT") to = s
		next_first = first && !(s == "EXPECT_NEWKEYS" && m == "NEWKEYS")
		n = split(to, list, /, /)
		for (i = 1; i <= n; i++) visit(list[i], strict, next_first)
	}
}

function visit(s, strict, first) {
	if ((s, strict, first) in seen) return
	seen[s, strict, first] = 1
	queue[++tail] = s SUBSEP strict SUBSEP first
}

function check(   at, strict, pair) {
	for (strict = 0; strict < 2; strict++) {
		head = tail = 0
		visit("EXPECT_KEXINIT", strict, 1)
		while (head < tail) {
			split(queue[++head], at, SUBSEP)
			if (at[1] == "DEAD") { # absorbing: no row leaves it
				for (m in messages) if ((("DEAD", m) in rule)) wrong(module ": a row leaves DEAD")
				continue
			}
			step(at[1], at[2], at[3])
		}
		if (("OPEN", strict, 1) in seen) wrong(module ": open in the first exchange")
		if (!(("OPEN", strict, 0) in seen)) wrong(module ": never open")
	}
	for (pair in steps) print module, pair
	if (parts != 9) wrong(module ": " parts " parts of 9")
}

/^MODULE / {
	if (module != "" && module != "main") check()
	forget(); module = $2; modules++
	next
}
/^(VAR|FROZENVAR|ASSIGN)$/ { parts++; next }
/^\tmessage : \{.*\};$/ { declare($0, messages); next }
/^\tstate : \{.*\};$/ {
	declare($0, states)
	next
}
/^\t(first|strict) : boolean;$/ { next }
/^\tinit\(state\) := EXPECT_KEXINIT;$/ { parts++; next }
/^\tinit\(first\) := TRUE;$/ { parts++; next }
/^\tnext\(first\) := first & !\(state = EXPECT_NEWKEYS & message = NEWKEYS\);$/ { parts++; next }
/^\tnext\(state\) := case$/ { depth++; next }
/^\t\tstate = [A-Z_]+ & message = [A-Z0-9_]+( & !\(strict & first\))? : \{[A-Z_, ]+\};$/ {
	if (depth != 1) wrong("outside of case")
	s = $3; m = $7
	if (!(s in states) || !(m in messages)) wrong("not declared: " s " " m)
	if ((s, m) in rule) wrong("twice: " s " " m)
	to = $0; sub(/.*: \{/, "", to); sub(/\};$/, "", to)
	n = split(to, list, /, /)
	for (i = 1; i <= n; i++) {
		if (!(list[i] in states)) wrong("not declared: " list[i])
		steps[s " " list[i]] = 1
	}
	rule[s, m] = to
	guarded[s, m] = $0 ~ /strict & first/
	next
}
/^\t\tmessage = UNKNOWN & !\(strict & first\) & state != EXPECT_KEXINIT : state;$/ { parts++; next }
/^\t\tTRUE : DEAD;$/ { last = 1; next }
/^\tesac;$/ { if (!last) wrong("no last branch"); last = 0; depth--; next }
/^LTLSPEC G \(state = DEAD -> G state = DEAD\)$/ { parts++; next }
/^LTLSPEC G \(\(state = OPEN & first\) -> FALSE\)$/ { parts++; next }
/^\t[cs] : (client|server);$/ { if (module != "main") wrong("instance"); next }
/^$/ { next }
{ wrong("not understood: " $0) }
END {
	if (modules != 3 || module != "main") wrong("modules")
	exit bad
}
