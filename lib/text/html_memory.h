/*
 * html_memory.h -- where libxml2 has its memory from while it reads a page.
 *
 * A page is some ten thousand small allocations, and all of them end with
 * it.  So while one is read they come from an arena, where what is freed is
 * given out again by its size, and nothing has to be freed at the end;
 * before and after they come from malloc(3).  One page at a time, by one
 * thread: the library's allocators are the process's.
 */
#ifndef HTML_MEMORY_H
#define HTML_MEMORY_H

/*
 * Begin to use the library: before anything else of it is called.  Without
 * this call the others do nothing.
 */
void html_memory_init(void);

/* A page begins. */
void html_memory_begin(void);

/* It is over: all that was allocated since is void. */
void html_memory_end(void);

/* Does what is allocated now end with a page? */
int html_memory_is_page(void);

#endif
