#include "store/libraries.h"

#include <sqlite3.h>
#include <stdio.h>
#include <yyjson.h>
#include <zlib.h>

const char *
libraries(void)
{
	static char line[96];	/* always the same text */

	snprintf(line, sizeof(line), "SQLite %s, zlib %s, yyjson %s",
	    sqlite3_libversion(), zlibVersion(), YYJSON_VERSION_STRING);
	return line;
}
