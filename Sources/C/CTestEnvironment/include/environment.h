/* What tests see of the machine. Linked into the test bundle; nothing is to be called: see environment.c. */
#ifndef CTESTENVIRONMENT_H
#define CTESTENVIRONMENT_H
/* The folder that stands for a home: below a device there are no files. */
#define CTESTENVIRONMENT_HOME "/dev/null/none"
#endif
