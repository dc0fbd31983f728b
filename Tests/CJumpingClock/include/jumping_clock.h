// Nothing to call: preloaded into a program, it makes the wall clock jump. See jumping_clock.c.
#pragma once
