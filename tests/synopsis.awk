# Render the SYNOPSIS of an mdoc page as the usage line that --help prints.
function word(w) {
	line = line (line == "" || glue ? "" : " ") w
	glue = 0
}
$1 == ".Sh" { on = $2 == "SYNOPSIS"; next }
!on { next }
$1 == ".Nm" { line = "usage: " nm; next }
{
	sub(/^\./, "")
	closing = ""
	macro = ""
	for (i = 1; i <= NF; i++) {
		if ($i == "Op") {
			word("["); glue = 1; closing = closing "]"
		} else if ($i == "Fl" || $i == "Ar" || $i == "Cm") {
			macro = $i
			if (macro == "Ar" && i == NF) word("file ...")
		} else {
			word((macro == "Fl" ? "-" : "") $i)
		}
	}
	line = line closing
}
END { print line }
