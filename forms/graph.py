"""What depends on what in a list: the order in which relevance and calculated values are found, and cycles in it.

A unit is a section ("s:face") or an item ("i:UG01-02"). An item depends on its section and on what its own `relevant`
and `formula` speak of; constraints and dangers only judge, nothing depends on them. Twin: pwa/src/forms/graph.ts.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from forms.definition import Definition, Item, Section, Tree

Units = Mapping[str, tuple[str, ...]]


def dependencies(definition: Definition) -> Units:
    """Each unit with those that it needs first, in the list's order."""
    units: dict[str, tuple[str, ...]] = {}
    for section in definition.sections:
        units[f"s:{section.id}"] = tuple(_named(section.relevant))
        for item in section.items:
            units[f"i:{item.id}"] = (f"s:{section.id}", *_needs(item))
    return {unit: tuple(dict.fromkeys(_known(needs, units))) for unit, needs in units.items()}


def _known(needs: Iterable[str], units: Units) -> Iterator[str]:
    """count() may name a repeated section as if it were an item."""
    for need in needs:
        if need in units:
            yield need
        elif f"s:{need[2:]}" in units:
            yield f"s:{need[2:]}"


def _needs(item: Item) -> Iterable[str]:
    return (*_named(item.relevant), *_named(item.answer.formula))


def _named(tree: Tree) -> Iterator[str]:
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict):
            if "item" in node:
                yield f"i:{node['item']}"
            waiting += node.get("args", ())


def ordered(units: Units) -> tuple[list[str], list[str]]:
    """Every unit after those it needs; and a cycle ([a, b, a]) if there is one, which is then left out of the order."""
    done: dict[str, None] = {}
    cycle: list[str] = []
    for first in units:
        path = [first]
        while path and not cycle:
            unit = path[-1]
            waiting = next((need for need in units[unit] if need not in done), None)
            if unit in done or waiting is None:
                done[path.pop()] = None
            elif waiting in path:
                cycle = [*path[path.index(waiting) :], waiting]
            else:
                path.append(waiting)
    return list(done), cycle


def sections_by_item(definition: Definition) -> dict[str, Section]:
    return {item.id: section for section in definition.sections for item in section.items}
