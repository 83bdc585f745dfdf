"""Experiments as a whole: planted effects come back, nonsense is named, nothing crashes."""

import warnings
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from experiment_cases import SETTINGS, simulate, simulate_confounded
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal
from scipy import stats

from inventory_allocation.errors import InputError
from inventory_allocation.experiments import analyze_experiments, check_balance
from inventory_allocation.experiments.clusters import to_analysis_units
from inventory_allocation.experiments.columns import COVARIATES, METRICS
from inventory_allocation.experiments.split import choose_control
from inventory_allocation.statistics.two_groups import compare_welch

RESULT_COLUMNS = [
    *("experiment_id", "unit_type", "assignment", "variant", "control_variant", "metric"),
    *("method", "analysis_unit", "treated_units", "control_units", "treated_mean"),
    *("control_mean", "effect", "effect_lower", "effect_upper", "relative_effect"),
    *("bootstrap_lower", "bootstrap_upper", "p_value", "p_bonferroni", "p_holm", "cohens_d"),
    *("power", "minimum_detectable_effect", "sensitivity_gamma", "verdict"),
]
BALANCE_COLUMNS = [
    *("experiment_id", "variant", "control_variant", "check_name", "covariate", "treated_mean"),
    *("control_mean", "standardized_mean_difference", "p_value", "is_balanced", "verdict"),
]
NUMBERS = [*METRICS, *COVARIATES]


@pytest.fixture(scope="module")
def company():
    """A randomised experiment of three variants, an observational one, one by cluster."""
    return pd.concat(
        [
            simulate("three", 300, ["control", "a", "b"], seed=1, effects={"b": 150.0}),
            simulate_confounded("seen", 500, seed=2, effect=30.0),
            simulate("regions", 200, ["off", "on"], seed=3, clusters=20),
        ],
        ignore_index=True,
    )


@pytest.fixture(scope="module")
def results(company):
    return analyze_experiments(company, SETTINGS)


@pytest.fixture(scope="module")
def balance(company):
    return check_balance(company, SETTINGS)


def pick(results, **keys):
    """The one row with these keys."""
    for column, value in keys.items():
        results = results[results[column] == value]
    assert len(results) == 1
    return results.iloc[0]


# --- shape ---------------------------------------------------------------------------------------


def test_results_have_their_columns_types_and_one_row_per_key(results, balance):
    assert results.columns.tolist() == RESULT_COLUMNS
    assert balance.columns.tolist() == BALANCE_COLUMNS
    assert results[["treated_units", "control_units"]].dtypes.tolist() == ["int64", "int64"]
    assert balance["is_balanced"].dtype == "bool"
    assert not results.duplicated(["experiment_id", "variant", "metric", "method"]).any()
    assert not balance.duplicated(["experiment_id", "variant", "check_name", "covariate"]).any()


def test_each_experiment_gets_the_methods_of_its_assignment(results):
    methods = results.groupby("experiment_id")["method"].agg(lambda names: sorted(set(names)))
    assert methods["three"] == ["cuped", "welch"]
    assert methods["seen"] == ["matched", "naive"]
    keys = results[["experiment_id", "variant", "control_variant"]].drop_duplicates()
    assert keys.to_numpy().tolist() == [
        ["regions", "on", "off"],
        ["seen", "treatment", "control"],
        ["three", "a", "control"],
        ["three", "b", "control"],
    ]


def test_any_order_of_rows_gives_identical_tables(company, results, balance):
    shuffled = company.sample(frac=1, random_state=4)
    assert_frame_equal(analyze_experiments(shuffled, SETTINGS), results, check_exact=True)
    assert_frame_equal(check_balance(shuffled, SETTINGS), balance, check_exact=True)


def test_an_experiment_does_not_depend_on_the_others(company, results):
    alone = analyze_experiments(company[company["experiment_id"] == "seen"], SETTINGS)
    together = results[results["experiment_id"] == "seen"].reset_index(drop=True)
    assert_frame_equal(alone, together, check_exact=True)


# --- what is found -------------------------------------------------------------------------------


def test_rows_of_a_randomised_experiment_hold_what_scipy_computes(company, results):
    units = company[company["experiment_id"] == "three"]
    for variant in ("a", "b"):
        for metric in METRICS:
            groups = [
                units.loc[units["variant"] == name, metric].dropna()
                for name in (variant, "control")
            ]
            row = pick(
                results, experiment_id="three", variant=variant, metric=metric, method="welch"
            )
            test = stats.ttest_ind(*groups, equal_var=False)
            interval = test.confidence_interval()
            assert [row["treated_units"], row["control_units"]] == list(map(len, groups))
            found = row[["treated_mean", "control_mean", "p_value", "effect_lower", "effect_upper"]]
            truth = [groups[0].mean(), groups[1].mean(), test.pvalue, interval.low, interval.high]
            assert found.tolist() == pytest.approx(truth, rel=1e-9)
            assert row["relative_effect"] == pytest.approx(
                groups[0].mean() / groups[1].mean() - 1, rel=1e-9
            )


def test_corrections_count_all_variants_and_metrics_within_a_method(results):
    rows = results[(results["experiment_id"] == "three") & (results["method"] == "welch")]
    assert len(rows) == 10
    expected = np.minimum(rows["p_value"] * 10, 1)
    assert rows["p_bonferroni"].to_numpy() == pytest.approx(expected.to_numpy())
    assert rows["p_holm"].min() == pytest.approx(rows["p_value"].min() * 10)


def test_a_planted_effect_is_found_and_named(results):
    for method in ("welch", "cuped"):
        row = pick(results, experiment_id="three", variant="b", metric="revenue", method=method)
        assert row["effect_lower"] < 150 < row["effect_upper"]
        assert row["bootstrap_lower"] < 150 < row["bootstrap_upper"]
        assert row["verdict"].startswith("revenue is higher under b by ")
        assert row["verdict"].endswith("holds after Holm")
    row = pick(results, experiment_id="three", variant="a", metric="revenue", method="welch")
    assert row["verdict"].startswith("no difference shown; effects above ")
    assert row["verdict"].endswith("would have been found with 80 % power")


def test_a_loss_is_called_lower_and_its_interval_is_that_of_the_loss():
    units = simulate("drop", 300, ["control", "a"], seed=1, effects={"a": -150.0})
    row = pick(analyze_experiments(units, SETTINGS), metric="revenue", method="cuped")
    assert row["effect"] < 0
    lower, upper = (float(f"{-row[f'effect_{end}']:.3g}") for end in ("upper", "lower"))
    assert row["verdict"].startswith("revenue is lower under a by ")
    assert f"(95 % interval {lower:.12g} to {upper:.12g})" in row["verdict"]


def test_matching_takes_out_what_confounds_and_the_naive_row_says_it_is_confounded(results):
    naive = pick(results, experiment_id="seen", metric="revenue", method="naive")
    matched = pick(results, experiment_id="seen", metric="revenue", method="matched")
    assert naive["effect_lower"] > 30
    assert matched["effect_lower"] < 30 < matched["effect_upper"]
    assert "confounded unless proven otherwise" in naive["verdict"]
    assert "of the treated found a match" in matched["verdict"]
    assert "balance" in matched["verdict"]
    assert "gamma" in matched["verdict"]
    assert 1 < matched["sensitivity_gamma"] <= 10
    assert matched["treated_units"] == matched["control_units"] < naive["treated_units"]
    others = results["method"] != "matched"
    assert results.loc[others, "sensitivity_gamma"].isna().all()


def test_a_metric_that_is_null_for_a_unit_leaves_out_that_unit_for_that_metric():
    units = simulate("gaps", 60, ["control", "a"], seed=5)
    units.loc[units["variant"] == "a", "revenue"] = units["revenue"].where(
        np.arange(len(units)) % 3 > 0
    )
    results = analyze_experiments(units, SETTINGS)
    counts = units.groupby("variant")[["revenue", "orders"]].count()
    for metric in ("revenue", "orders"):
        row = pick(results, metric=metric, method="welch")
        assert row["treated_units"] == counts.loc["a", metric]
    assert counts.loc["a", "revenue"] < counts.loc["a", "orders"]


def test_the_seed_moves_the_bootstrap(company, results):
    other = analyze_experiments(company, replace(SETTINGS, seed=8))
    moved = other["bootstrap_lower"] != results["bootstrap_lower"]
    assert moved[results["bootstrap_lower"].notna()].all()
    randomised = results["assignment"] == "randomised"
    assert_frame_equal(
        other.loc[randomised].drop(columns=["bootstrap_lower", "bootstrap_upper"]),
        results.loc[randomised].drop(columns=["bootstrap_lower", "bootstrap_upper"]),
    )


def test_no_bootstraps_leave_its_columns_null_and_the_rest_as_it_was(company, results):
    quick = analyze_experiments(company, replace(SETTINGS, bootstraps=0))
    columns = ["bootstrap_lower", "bootstrap_upper"]
    assert quick[columns].isna().all(axis=None)
    assert_frame_equal(quick.drop(columns=columns), results.drop(columns=columns))


# --- sample ratio and balance --------------------------------------------------------------------


def test_a_sample_ratio_mismatch_is_scipys_and_makes_every_verdict_a_warning():
    units = simulate("srm", 600, ["control", "a"], seed=6)
    lost = units.index[units["variant"] == "a"][:90]
    units = units.drop(index=lost)
    ratio = pick(check_balance(units, SETTINGS), check_name="sample_ratio")
    assert ratio["p_value"] == pytest.approx(stats.chisquare([210, 300]).pvalue)
    assert ratio[["treated_mean", "control_mean"]].tolist() == [210, 300]
    assert not ratio["is_balanced"]
    verdicts = set(analyze_experiments(units, SETTINGS)["verdict"])
    assert verdicts == {"not to be trusted: sample-ratio mismatch (p below 0.0001)"}


@pytest.mark.parametrize(("sizes", "is_right"), [((100, 141), True), ((100, 155), False)])
def test_sample_ratio_bites_below_one_in_a_thousand(sizes, is_right):
    units = simulate("srm", sum(sizes), ["control", "a"], seed=6)
    units["variant"] = ["a"] * sizes[0] + ["control"] * sizes[1]
    truth = stats.chisquare(sizes).pvalue
    assert (truth >= 0.001) == is_right
    assert (
        pick(check_balance(units, SETTINGS), check_name="sample_ratio")["is_balanced"] == is_right
    )


def test_an_observational_experiment_has_no_sample_ratio_but_balance_before_and_after(balance):
    rows = balance[balance["experiment_id"] == "seen"]
    assert set(rows["check_name"]) == {"balance", "balance_matched"}
    before = pick(rows, check_name="balance", covariate="revenue_before")
    after = pick(rows, check_name="balance_matched", covariate="revenue_before")
    assert before["standardized_mean_difference"] > 0.3
    assert not before["is_balanced"]
    assert abs(after["standardized_mean_difference"]) < 0.1
    assert after["is_balanced"]
    assert rows["p_value"].isna().all()


def test_the_verdict_names_the_covariate_that_matching_left_most_unbalanced():
    found = set()
    for seed in range(6):
        units = simulate_confounded("few", 120, seed=seed, effect=0.0)
        row = pick(analyze_experiments(units, SETTINGS), metric="orders", method="matched")
        checks = check_balance(units, SETTINGS).query("check_name == 'balance_matched'")
        size = checks.set_index("covariate")["standardized_mean_difference"].abs()
        is_balanced = bool((size < 0.1).all())
        words = "balance reached" if is_balanced else f"balance not reached: {size.idxmax()};"
        assert words in row["verdict"]
        assert checks["is_balanced"].all() == is_balanced
        found.add(is_balanced)
    assert False in found


def test_standardized_differences_are_those_of_the_groups_by_hand(company, balance):
    units = company[company["experiment_id"] == "seen"]
    treated, control = (
        units.loc[units["variant"] == name, "tenure_days_before"]
        for name in ("treatment", "control")
    )
    spread = np.sqrt((treated.var() + control.var()) / 2)
    row = pick(balance, experiment_id="seen", check_name="balance", covariate="tenure_days_before")
    expected = (treated.mean() - control.mean()) / spread
    assert row["standardized_mean_difference"] == pytest.approx(expected)
    matched = pick(
        balance, experiment_id="seen", check_name="balance_matched", covariate="tenure_days_before"
    )
    gap = matched["treated_mean"] - matched["control_mean"]
    assert matched["standardized_mean_difference"] == pytest.approx(gap / spread)


def test_a_randomised_covariate_is_judged_by_its_test_after_holm():
    units = simulate("odd", 400, ["control", "a"], seed=7)
    rows = check_balance(units, SETTINGS).query("check_name == 'balance'")
    assert rows["is_balanced"].all()
    treated = units["variant"] == "a"
    units.loc[treated, "tenure_days_before"] += 200
    units.loc[treated, "shipping_cost_per_unit_before"] += 0.25
    rows = check_balance(units, SETTINGS).query("check_name == 'balance'").set_index("covariate")
    groups = [units.loc[units["variant"] == name] for name in ("a", "control")]
    for name in ("tenure_days_before", "shipping_cost_per_unit_before"):
        test = stats.ttest_ind(*(group[name].dropna() for group in groups), equal_var=False)
        assert rows.loc[name, "p_value"] == pytest.approx(test.pvalue)
    # Below 0.05 alone, but not after Holm over eight covariates.
    assert 0.05 / 7 < rows.loc["shipping_cost_per_unit_before", "p_value"] < 0.05
    assert rows["is_balanced"].to_dict() == {
        name: name != "tenure_days_before" for name in rows.index
    }


def test_covariates_that_are_sometimes_missing_have_a_row_for_that(balance):
    names = set(balance["covariate"]) - {"units"}
    assert names == {*COVARIATES, "late_share_before_is_missing"}


# --- clusters ------------------------------------------------------------------------------------


def test_an_assignment_by_cluster_is_analysed_by_the_means_of_clusters(company, results, balance):
    units = company[company["experiment_id"] == "regions"]
    means = units.groupby(["variant", "cluster_id"])["revenue"].mean()
    row = pick(results, experiment_id="regions", metric="revenue", method="welch")
    assert row["analysis_unit"] == "cluster"
    assert [row["treated_units"], row["control_units"]] == [10, 10]
    test = stats.ttest_ind(means["on"], means["off"], equal_var=False)
    assert row["p_value"] == pytest.approx(test.pvalue)
    ratio = pick(balance, experiment_id="regions", check_name="sample_ratio")
    assert ratio[["treated_mean", "control_mean"]].tolist() == [10, 10]


def test_units_that_share_clusters_of_mixed_variants_are_analysed_one_by_one(company):
    units = company[company["experiment_id"] == "regions"].copy()
    units.loc[units.index[0], "variant"] = "off" if units["variant"].iloc[0] == "on" else "on"
    assert set(analyze_experiments(units, SETTINGS)["analysis_unit"]) == {"unit"}


def test_a_unit_without_a_cluster_is_a_cluster_of_its_own(company):
    units = company[company["experiment_id"] == "regions"].copy()
    loners = units.index[units["variant"] == "on"][:2]
    units.loc[loners, "cluster_id"] = None
    row = pick(analyze_experiments(units, SETTINGS), metric="orders", method="welch")
    assert [row["treated_units"], row["control_units"]] == [12, 10]


def test_clusters_of_one_unit_each_are_units():
    units = simulate("single", 40, ["control", "a"], seed=8)
    units["cluster_id"] = units["unit_id"]
    assert set(analyze_experiments(units, SETTINGS)["analysis_unit"]) == {"unit"}


def test_by_cluster_the_false_alarms_are_right_and_by_unit_they_are_far_off():
    alarms = {"cluster": [], "unit": []}
    for run in range(120):
        units = simulate("aa", 160, ["off", "on"], seed=run, clusters=16)
        for cluster_id in (units["cluster_id"], None):
            found, name = to_analysis_units(units.assign(cluster_id=cluster_id))
            groups = [
                found.loc[found["variant"] == variant, "revenue"].to_numpy()
                for variant in ("on", "off")
            ]
            alarms[name].append(compare_welch(*groups, alpha=0.05).p_value < 0.05)
    assert [len(found) for found in alarms.values()] == [120, 120]
    # Two standard errors are 4 %.
    assert 0.01 < np.mean(alarms["cluster"]) < 0.09
    assert np.mean(alarms["unit"]) > 0.15


# --- nothing to say ------------------------------------------------------------------------------


def test_no_units_give_empty_tables_with_the_same_types(company, results, balance):
    nobody = company.iloc[:0]
    for table, full in (
        (analyze_experiments(nobody, SETTINGS), results),
        (check_balance(nobody, SETTINGS), balance),
    ):
        assert table.empty
        assert table.dtypes.to_dict() == full.dtypes.to_dict()


@pytest.mark.parametrize("assignment", ["randomised", "observational"])
def test_one_variant_has_a_row_per_metric_that_says_so(assignment):
    units = simulate("solo", 30, ["control"], seed=9).assign(assignment=assignment)
    results = analyze_experiments(units, SETTINGS)
    assert results["metric"].tolist() == METRICS
    assert results["control_variant"].isna().all()
    assert results["effect"].isna().all()
    assert set(results["verdict"]) == {"nothing to compare: the experiment has one variant"}
    assert check_balance(units, SETTINGS).empty


@pytest.mark.parametrize("assignment", ["randomised", "observational"])
@pytest.mark.filterwarnings("error")
def test_one_unit_per_variant_has_means_but_no_test(assignment):
    units = simulate("pair", 2, ["control", "a"], seed=10).assign(assignment=assignment)
    results = analyze_experiments(units, SETTINGS)
    row = pick(results[results["metric"] == "orders"].head(1))
    assert row["effect"] == row["treated_mean"] - row["control_mean"]
    assert results[["p_value", "effect_lower", "power", "bootstrap_lower"]].isna().all(axis=None)
    assert row["verdict"].startswith("too few units: 1 treated and 1 control; each needs 2")
    assert not check_balance(units, SETTINGS)["verdict"].isna().any()


@pytest.mark.parametrize("assignment", ["randomised", "observational"])
@pytest.mark.filterwarnings("error")
def test_values_that_never_vary_have_an_effect_but_no_test(assignment):
    units = simulate("flat", 40, ["control", "a"], seed=11).assign(assignment=assignment)
    units[NUMBERS] = 0.1
    units.loc[units["variant"] == "a", "revenue"] = 0.3
    results = analyze_experiments(units, SETTINGS)
    rows = results[results["method"].isin(["welch", "naive"])].set_index("metric")
    assert rows.loc["revenue", "effect"] == pytest.approx(0.2)
    assert rows["p_value"].isna().all()
    assert rows["verdict"].str.startswith("no test: ").all()
    assert "cuped" not in set(results["method"])
    assert check_balance(units, SETTINGS)["is_balanced"].sum() >= len(COVARIATES)


@pytest.mark.parametrize("assignment", ["randomised", "observational"])
@pytest.mark.filterwarnings("error")
def test_values_that_were_never_measured_say_so(assignment):
    units = simulate("null", 40, ["control", "a"], seed=12).assign(assignment=assignment)
    units[NUMBERS] = np.nan
    results = analyze_experiments(units, SETTINGS)
    assert (results[["treated_units", "control_units"]] == 0).all(axis=None)
    assert results["verdict"].str.startswith("nothing to compare: no ").all()
    checks = check_balance(units, SETTINGS)["check_name"].tolist()
    assert checks == (["sample_ratio"] if assignment == "randomised" else [])


@pytest.mark.filterwarnings("error")
def test_groups_that_covariates_tell_apart_have_no_pairs_and_no_balance():
    units = simulate("apart", 100, ["control", "a"], seed=13).assign(assignment="observational")
    units.loc[units["variant"] == "a", "revenue_before"] += 1e6
    row = pick(analyze_experiments(units, SETTINGS), metric="revenue", method="matched")
    assert row["treated_units"] == 0
    assert row["verdict"].endswith("0 % of the treated found a match")
    rows = check_balance(units, SETTINGS).query("check_name == 'balance_matched'")
    assert not rows["is_balanced"].any()


def test_a_window_before_that_is_missing_or_constant_has_no_cuped_row():
    units = simulate("blank", 60, ["control", "a"], seed=14)
    units["orders_before"] = np.nan
    units["revenue_before"] = 7.0
    results = analyze_experiments(units, SETTINGS)
    adjusted = results.loc[results["method"] == "cuped", "metric"].tolist()
    assert adjusted == ["units", "late_share", "shipping_cost_per_unit"]


def test_a_control_mean_of_zero_has_no_relative_effect_and_no_power():
    units = simulate("zero", 60, ["control", "a"], seed=15)
    units["orders"] = np.where(units["variant"] == "a", units["orders"], 0.0)
    row = pick(analyze_experiments(units, SETTINGS), metric="orders", method="welch")
    assert np.isnan(row["relative_effect"])
    assert np.isnan(row["power"])
    assert row["minimum_detectable_effect"] > 0


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["a", "b", "control"]),
            st.sampled_from([None, "north", "south"]),
            st.lists(
                st.sampled_from([None, 0.0, 1.0, 2.5, -3.0, 1e9]),
                min_size=len(NUMBERS),
                max_size=len(NUMBERS),
            ),
        ),
        max_size=14,
    ),
    st.sampled_from(["randomised", "observational"]),
)
@settings(max_examples=30, deadline=None, derandomize=True, phases=[Phase.generate])
def test_no_rows_whatsoever_crash_or_leave_a_verdict_out(rows, assignment):
    units = pd.DataFrame([numbers for *_, numbers in rows], columns=NUMBERS, dtype="object")
    units = units.assign(
        experiment_id="any",
        unit_type="customer",
        assignment=assignment,
        unit_id=[str(number) for number in range(len(rows))],
        variant=[variant for variant, *_ in rows],
        cluster_id=[cluster for _, cluster, _ in rows],
    )
    quick = replace(SETTINGS, bootstraps=20)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        results, checks = analyze_experiments(units, quick), check_balance(units, quick)
    for table in (results, checks):
        assert table["verdict"].notna().all()
    tested = results[results["p_value"].notna()]
    assert (tested["effect_lower"] <= tested["effect"]).all()
    assert tested["p_value"].between(0, 1).all()
    assert (tested["p_value"] <= tested["p_holm"]).all()
    assert (tested["p_holm"] <= tested["p_bonferroni"]).all()


# --- input ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("function", [analyze_experiments, check_balance])
def test_wrong_input_is_named(company, function):
    with pytest.raises(InputError, match="int_experiments__input lacks column cluster_id"):
        function(company.drop(columns="cluster_id"), SETTINGS)
    twice = pd.concat([company, company.tail(1)])
    with pytest.raises(InputError, match="regions has more than one row of unit"):
        function(twice, SETTINGS)
    with pytest.raises(InputError, match="guessed"):
        function(company.assign(assignment="guessed"), SETTINGS)


@pytest.mark.parametrize("kind", ["object", "Float64"])
def test_types_of_a_warehouse_are_read_as_plain_ones(company, results, kind):
    units = company.astype(dict.fromkeys(NUMBERS, kind))
    texts = ["experiment_id", "unit_type", "assignment", "unit_id", "variant", "cluster_id"]
    units = units.astype(dict.fromkeys(texts, "string"))
    assert_frame_equal(analyze_experiments(units, SETTINGS), results, check_exact=True)


@pytest.mark.parametrize(
    ("variants", "control"),
    [(["B", "CONTROL", "A"], "CONTROL"), (["b", "c", "a"], "a"), (["x"], "x")],
)
def test_the_control_is_the_one_called_so_else_the_first(variants, control):
    assert choose_control(variants) == control
