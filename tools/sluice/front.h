/*
 * front.h -- the command of one pipeline: its options, as make variables.
 */
#ifndef FRONT_H
#define FRONT_H

/*
 * Parse argv, which begins with the name of a pipeline in the folder
 * pipelines, by what it declares, and become make.
 */
_Noreturn void front_run(const char *pipelines, int argc, char *argv[]);

#endif
