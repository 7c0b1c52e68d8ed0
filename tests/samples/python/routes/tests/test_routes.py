import pytest

from routes import Map


@pytest.fixture
def country():
    country = Map()
    for start, end in [("a", "b"), ("b", "c"), ("c", "d"), ("a", "e"), ("e", "d"), ("d", "f")]:
        country.add_road(start, end)
    return country


def test_a_town_is_its_own_route(country):
    assert country.route("a", "a") == ["a"]


def test_a_neighbour_is_one_road_away(country):
    assert country.distance("a", "b") == 1


@pytest.mark.parametrize(
    "goal, towns",
    [("c", ["a", "b", "c"]), ("d", ["a", "e", "d"]), ("f", ["a", "e", "d", "f"])],
)
def test_the_shortest_route_is_found(country, goal, towns):
    assert country.route("a", goal) == towns


def test_roads_are_one_way(country):
    assert country.route("f", "a") is None
