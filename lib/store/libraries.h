/*
 * libraries.h -- what the tools that use the stores are linked with.
 */
#ifndef LIBRARIES_H
#define LIBRARIES_H

/*
 * The line for --version, static: "SQLite 3.40.1, zlib 1.2.13, yyjson
 * 0.10.0".  For struct opt_tool.
 */
const char *libraries(void);

#endif
