/*
 * sluice -- a pipeline by its name and the options that it declares
 *
 * in:   the options; PIPELINES/NAME/pipeline.toml
 * out:  what the pipeline's makefile says; or the pipelines there are
 * owns: nothing: it becomes make
 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/msg.h"
#include "base/opt.h"
#include "decl/decl.h"
#include "front.h"
#include "place.h"

#define WHY_BYTES 65536

static const char *pipelines;

static const struct opt opts[] = {
	{ "pipelines", 0, OPT_STRING, "dir", &pipelines,
	    "where the pipelines are (those that came with this)", 0, 0, 0 },
	OPT_END
};

static const struct opt_tool tool = {
	"a pipeline by its name and the options that it declares",
	"[name [argument ...]]", 0, -1, opts, NULL
};

static void
list_one(const char *name)
{
	char *toml = place_file(pipelines, name, "pipeline.toml");
	struct buf why;
	struct decl d;

	buf_init(&why, WHY_BYTES);
	if (decl_load(&d, toml, &why) == 0) {
		printf("%-12s %s\n", name, d.title != NULL ? d.title : "");
		decl_release(&d);
	} else if (errno != ENOENT && errno != ENOTDIR) {
		msg_warn("%s", why.data);
	}
	buf_release(&why);
	free(toml);
}

static int
is_shown(const struct dirent *e)
{
	return e->d_name[0] != '.';
}

static int
list(void)
{
	struct dirent **names;
	int i, n = scandir(pipelines, &names, is_shown, alphasort);

	if (n == -1)
		msg_die_errno(msg_status(errno), "%s", pipelines);
	for (i = 0; i < n; i++) {
		list_one(names[i]->d_name);
		free(names[i]);
	}
	free(names);
	if (fflush(stdout) == EOF || ferror(stdout))
		msg_die_errno(EXIT_IO, "standard output");
	return EXIT_OK;
}

/* What follows a name follows from its declaration: the shell asks. */
static int
complete(const char *shell)
{
	const char *text;

	if (strcmp(shell, "bash") == 0)
		text = "_sluice() {\n"
		    "	local all\n"
		    "	if [ \"$COMP_CWORD\" -le 1 ]; then\n"
		    "		all=$(sluice | cut -d' ' -f1)\n"
		    "	else\n"
		    "		all=$(sluice \"${COMP_WORDS[1]}\" --help |\n"
		    "		    sed -n 's/^  ...  *\\(--[a-z0-9-]*\\).*/\\1/p')\n"
		    "	fi 2>/dev/null\n"
		    "	COMPREPLY=($(compgen -W \"$all\" -- "
		    "\"${COMP_WORDS[COMP_CWORD]}\"))\n"
		    "}\n"
		    "complete -o default -F _sluice sluice\n";
	else if (strcmp(shell, "zsh") == 0)
		text = "#compdef sluice\n"
		    "if (( CURRENT == 2 )); then\n"
		    "	compadd ${(f)\"$(sluice | cut -d' ' -f1)\"}\n"
		    "else\n"
		    "	compadd ${(f)\"$(sluice $words[2] --help |\n"
		    "	    sed -n 's/^  ...  *\\(--[a-z0-9-]*\\).*/\\1/p')\"}\n"
		    "fi\n";
	else
		msg_die(EXIT_USAGE, "--completion %s: bash or zsh", shell);
	if (fputs(text, stdout) == EOF || fflush(stdout) == EOF)
		msg_die_errno(EXIT_IO, "standard output");
	return EXIT_OK;
}

int
main(int argc, char *argv[])
{
	char near[PATH_BYTES_MAX];
	int first;

	if (argc == 3 && strcmp(argv[1], "--completion") == 0) {
		msg_init(argv[0]);
		return complete(argv[2]);
	}
	first = opt_parse(&tool, argc, argv);
	if (pipelines == NULL)
		pipelines = place_pipelines(near);
	if (argv[first] == NULL)
		return list();
	front_run(pipelines, argc - first, argv + first);
}
