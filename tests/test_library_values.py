"""What the student's functions return of a library's types is in a plain assert cell what it is in the notebook."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from test_arms_length import ANSWER, TEST, scores

from shoshin.classroom.remote import NotTheStudents, Remote, _data_of
from shoshin.classroom.server import GradingServer


@pytest.fixture(scope="module")
def server() -> Iterator[GradingServer]:
    with GradingServer(["numpy", "pandas"]) as server:
        yield server


def test_containers_and_their_views_are_what_they_are(server) -> None:
    answer = (
        "from collections import defaultdict, deque\ndef groups(): return defaultdict(list, a=[1])\n"
        "def last(n): return deque([1], n)\ndef keys(d): return d.keys()\ndef items(d): return d.items()\n"
        "def order(values): return sorted(values)"
    )
    test = (
        "from collections import defaultdict\nassert isinstance(groups(), defaultdict) and groups()['b'] == []\n"
        "assert last(3).maxlen == 3\nassert keys({'a': 1}) == {'a'} and items({'a': 1}) == {('a', 1)}\n"
        "assert order(keys({'b': 1, 'a': 2})) == ['a', 'b']"
    )
    assert scores(server, (ANSWER, answer), (TEST, test)) == [2]


def test_the_objects_in_a_librarys_container_can_be_asked(server) -> None:
    answer = (
        "from sklearn.pipeline import Pipeline\nfrom sklearn.svm import SVC\nfrom scipy.optimize import minimize\n"
        "from matplotlib.figure import Figure\npipe = Pipeline([('clf', SVC(C=3.0))])\n"
        "def lowest(): return minimize(lambda x: (x[0] - 1) ** 2, [0.0])\n"
        "def plot():\n    ax = Figure().subplots()\n    ax.plot([1], [2], label='a')\n    ax.legend()\n"
        "    ax.bar([1, 2], [3, 4])\n    return ax"
    )
    test = (
        "assert pipe.named_steps['clf'].C == pipe.named_steps.clf.C == 3.0\nfound = lowest()\n"
        "assert found.success and abs(found.x[0] - 1) < 1e-3\nax = plot()\n"
        "assert ax.get_lines()[0].get_label() == 'a' and ax.get_legend().get_texts()[0].get_text() == 'a'\n"
        "assert [bar.get_height() for bar in ax.containers[0].patches] == [3, 4]"
    )
    assert scores(server, (ANSWER, answer), (TEST, test)) == [2]


def test_tensors_keep_what_can_be_seen_of_their_gradients(server) -> None:
    answer = (
        "import torch\nlayer = torch.nn.Linear(2, 1)\ndef double(x): return x * 2\n"
        "def train():\n    layer(torch.ones(2)).sum().backward()\n    return layer\n"
        "def best(x): return torch.max(x, dim=1)\ndef sparse(x): return x.to_sparse()\n"
        "def use(x):\n    x.requires_grad_()"
    )
    test = (
        "import torch\nassert isinstance(layer.weight, torch.nn.Parameter) and layer.weight.requires_grad\n"
        "assert torch.equal(train().weight.grad, torch.ones(1, 2))\nx = torch.ones(2, requires_grad=True)\n"
        "assert double(x).requires_grad and not double(x).is_leaf\nassert torch.equal(double(double(x)), 4 * x)\n"
        "with torch.no_grad():\n    assert double(x).numpy().sum() == 4\n"
        "assert best(torch.eye(2)).values.tolist() == [1, 1]\n"
        "assert torch.equal(sparse(torch.eye(2)).to_dense(), torch.eye(2))\ny = torch.ones(2)\nuse(y)\ny.numpy()"
    )
    assert scores(server, (ANSWER, answer), (TEST, test)) == [2]


def test_types_paths_sparse_columns_and_names_of_tuples_cross(server) -> None:
    answer = (
        "from pathlib import Path\nfrom typing import NamedTuple\nimport pandas as pd\n"
        "def backup(name): return Path(name).with_suffix('.bak')\ndef same(x): return x\nto_number = int\n"
        "def column(cells): return pd.Series(pd.arrays.SparseArray(cells))\nclass Model:\n    rate = 0.5\n"
        "class Fit(NamedTuple):\n    x: int\n    model: object\ndef fit(): return Fit(1, 2)\n"
        "def fit_model(): return Fit(1, Model())"
    )
    test = (
        "from pathlib import Path\nassert backup('x') == Path('x.bak')\nassert same(int) is int\n"
        "assert same(int | None) == int | None and to_number('3') == 3\n"
        "assert column([0, 0, 1]).sum() == 1 and column(['a', None]).isna().sum() == 1\n"
        "assert repr(fit()) == 'Fit(x=1, model=2)' and type(fit()) is type(fit())\n"
        "assert fit_model().model.rate == 0.5"
    )
    assert scores(server, (ANSWER, answer), (TEST, test)) == [2]


def test_an_array_that_cannot_be_sent_can_still_be_asked(server) -> None:
    dtype = "{'names': ['a', 'b'], 'formats': ['i4', 'i2'], 'offsets': [0, 2]}"
    answer = f"import numpy as np\ndef odd(): return np.zeros(3, {dtype})"
    assert scores(server, (ANSWER, answer), (TEST, "assert odd().shape == (3,) and odd()['a'].sum() == 0")) == [2]


@pytest.mark.parametrize("container", ["dict", "list", "tuple"])
def test_a_container_of_the_students_own_decides_nothing(server, container) -> None:
    trick = f"class Yes({container}):\n    __eq__ = lambda *_: True\n    __module__ = 'numpy'\n"
    for more in ("", "    __getattr__ = lambda *_: True\n", "    _fields = ('a',)\n"):
        assert scores(server, (ANSWER, trick + more + "answer = Yes()", "answer"), (TEST, "assert answer == 3")) == [0]


def test_a_tuple_is_named_only_by_names_that_can_be() -> None:
    assert repr(_data_of([(1, 2), "Point", ["x", "y"]])) == "Point(x=1, y=2)"
    for name in ("class", "a b", "", "x" * 200, None, 5, "f(): pass\n"):
        assert repr(_data_of([(1,), name, ["x"]])) == "Named(x=1)"
    for fields in (["x"], ["x", "x"], ["x", "class"], ["x", "_y"], ["x", 5], ["x", "y)"], ["ﬁ", "fi"], "xy", 2, None):
        assert type(_data_of([(1, 2), "Point", fields])) is tuple
    assert type(_data_of([(0,) * 1000, "Point", [f"x{number}" for number in range(1000)]])) is tuple
    own = Remote(lambda *_: None, 0)
    assert type(_data_of([(own, 1), "Point", ["count", "x"]])) is tuple
    assert _data_of([(3, 1), "Point", ["count", "x"]]).count == 3
    with pytest.raises(NotTheStudents):
        _data_of([(1,), "Point"])
