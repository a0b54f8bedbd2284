/* SPDX-License-Identifier: MIT */
#ifndef NACRE_TOOLS_STATES_GRAPH_H
#define NACRE_TOOLS_STATES_GRAPH_H

#include <stdbool.h>

/**
 * The transport as a graph, on standard output: its states and what leads from one to the other.
 * Where a message is welcome is read from the rules table; where it leads is seen by letting two
 * engines run through every kind of exchange.
 *
 *   smv   as a model for NuSMV; else for Graphviz
 *
 * Returns false if the engines did not run.
 */
bool states_graph(bool smv);

#endif
