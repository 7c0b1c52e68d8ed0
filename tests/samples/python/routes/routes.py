"""Shortest routes over one-way roads."""

from collections import deque


class Map:
    """Towns and the roads between them."""

    def __init__(self):
        self.roads = {}

    def add_road(self, start, end):
        """Adds a one-way road; unknown towns are added with it."""
        self.roads.setdefault(start, []).append(end)
        self.roads.setdefault(end, [])

    def route(self, start, goal):
        """The towns of a shortest route, both ends included; None where there is none."""
        came_from = {start: None}
        waiting = deque([start])
        while waiting:
            town = waiting.popleft()
            if town == goal:
                return self._trace(came_from, goal)
            for neighbour in self.roads[town]:
                if neighbour not in came_from:
                    came_from[neighbour] = start
                    waiting.append(neighbour)
        return None

    def _trace(self, came_from, goal):
        towns = []
        town = goal
        while town is not None:
            towns.append(town)
            town = came_from[town]
        towns.reverse()
        return towns

    def distance(self, start, goal):
        """How many roads a shortest route takes; None where there is none."""
        route = self.route(start, goal)
        return None if route is None else len(route) - 1
