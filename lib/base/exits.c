#include "base/exits.h"

const char *
exits_name(int status)
{
	switch ((enum exits)status) {
	case EXIT_OK:
		return "ok";
	case EXIT_NO:
		return "no";
	case EXIT_USAGE:
		return "usage";
	case EXIT_DATA:
		return "data";
	case EXIT_NOINPUT:
		return "noinput";
	case EXIT_BUG:
		return "bug";
	case EXIT_OS:
		return "os";
	case EXIT_REFUSED:
		return "refused";
	case EXIT_IO:
		return "io";
	case EXIT_TEMP:
		return "temp";
	case EXIT_PROTO:
		return "proto";
	}
	return "unknown";
}
