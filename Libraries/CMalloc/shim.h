#pragma once
// The C library's own module leaves it out.
#include <malloc.h>
