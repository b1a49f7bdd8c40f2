# needs  the predictions of every run
# makes  metrics per run, the comparison of the arms, the cases worth a look, the report


rule evaluate:
    """Compute the metrics and curves of one run."""
    input:
        code("evaluate"),
        predictions=rules.train.output.predictions,
    output:
        metrics=f"results/{{dataset}}/evaluations/{RUN}/metrics.json",
        curves=f"results/{{dataset}}/evaluations/{RUN}/curves.parquet",
    log:
        f"logs/{{dataset}}/evaluate_{RUN}.log",
    conda:
        "../../envs/cpu.yaml"
    params:
        spec=section("evaluate"),
        step=own_text("evaluate"),
    message:
        "{wildcards.dataset}: evaluate {wildcards.loss} with seed {wildcards.seed}"
    shell:
        "python -m radpipe evaluate --predictions {input.predictions} --spec {params.spec:q}"
        " --output $(dirname {output.metrics})"
        " --track {wildcards.dataset} 2> {log}"


rule compare:
    """Compare the arms over all seeds, at 0.5 and at matched false-positive rate."""
    input:
        code("compare"),
        predictions=every_run(rules.train.output.predictions),
        trainings=every_run(rules.train.output.training),
        weights=rules.weigh.output[0],
        images=rules.index.output.images,
    output:
        comparison="results/{dataset}/compare.json",
        metrics="results/{dataset}/metrics.json",
    log:
        "logs/{dataset}/compare.log",
    conda:
        "../../envs/cpu.yaml"
    params:
        spec=section("evaluate"),
        plan=section("compare"),
        step=own_text("compare"),
    message:
        "{wildcards.dataset}: compare the losses"
    shell:
        "python -m radpipe compare --predictions {input.predictions} --weights {input.weights}"
        " --images {input.images} --spec {params.spec:q} --plan {params.plan:q}"
        " --output {output.comparison} --metrics {output.metrics} 2> {log}"


rule explain:
    """Choose the test cases worth a look, and draw where in them the networks of the first seed looked."""
    input:
        code("explain"),
        first_seed(rules.train.output.model),
        first_seed(rules.train.output.predictions),
        pixels=rules.pack.output.pixels,
        rows=rules.pack.output.rows,
        boxes=rules.index.output.boxes,
    output:
        cases="results/{dataset}/explain/cases.json",
        maps="results/{dataset}/explain/maps.npy",
    log:
        "logs/{dataset}/explain.log",
    conda:
        "../../envs/cpu.yaml"
    threads: ALL_CORES
    resources:
        gpu=1,
    params:
        losses=parameters.losses,
        seed=parameters.seeds[0],
        image=section("image"),
        spec=section("explain"),
        step=own_text("explain"),
    message:
        "{wildcards.dataset}: look at the cases"
    shell:
        "python -m radpipe explain --runs results/{wildcards.dataset}/runs --losses {params.losses}"
        " --seed {params.seed} --pack results/{wildcards.dataset}/pack"
        " --index results/{wildcards.dataset}/index --image {params.image:q} --spec {params.spec:q}"
        " --output results/{wildcards.dataset}/explain 2> {log}"


rule report:
    """Show everything above on one page that opens offline."""
    input:
        code("report"),
        rules.index.output,
        rules.validate.output,
        rules.pack.output,
        rules.split.output,
        rules.audit.output,
        rules.weigh.output,
        rules.standardise.output,
        every_run(rules.train.output),
        every_run(rules.evaluate.output),
        rules.compare.output,
        rules.explain.output,
    output:
        page=report("results/{dataset}/report.html", caption="../report/report.rst", category="{dataset}"),
        figures=report(
            directory("results/{dataset}/figures"),
            patterns=["{name}.png"],
            caption="../report/figure.rst",
            category="{dataset}",
            subcategory="Figures",
            labels={"figure": "{name}"},
        ),
    log:
        "logs/{dataset}/report.log",
    conda:
        "../../envs/cpu.yaml"
    params:
        settings=settings,
        step=own_text("report"),
    message:
        "{wildcards.dataset}: write the report"
    shell:
        "python -m radpipe report --folder results/{wildcards.dataset} --settings {params.settings:q}"
        " --output {output.page} --track {wildcards.dataset} 2> {log}"
