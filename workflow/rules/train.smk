# needs  the packed array, the split without a leak, weights and standardisation
# makes  one network per loss and seed, with its history and its predictions


rule train:
    """Train one arm with one seed, and predict the validation and test parts in the same process."""
    input:
        code("train"),
        pixels=rules.pack.output.pixels,
        rows=rules.pack.output.rows,
        images=rules.index.output.images,
        labels=rules.index.output.labels,
        split=rules.split.output.split,
        weights=rules.weigh.output[0],
        standard=rules.standardise.output[0],
        # A gate: not read, and another list of doubts trains nothing anew. str: the mark would be on all uses of it.
        audit=ancient(str(rules.audit.output[0])),
    output:
        model=f"results/{{dataset}}/runs/{RUN}/model.keras",
        history=f"results/{{dataset}}/runs/{RUN}/history.csv",
        predictions=f"results/{{dataset}}/runs/{RUN}/predictions.parquet",
        training=f"results/{{dataset}}/runs/{RUN}/training.json",
    log:
        f"logs/{{dataset}}/train_{RUN}.log",
    conda:
        "../../envs/cpu.yaml"
    threads: ALL_CORES
    resources:
        gpu=1,  # one training at a time, also without a GPU: profiles/default has one
    params:
        spec=section("train"),
        image=section("image"),
        step=own_text("train"),
    message:
        "{wildcards.dataset}: train {wildcards.loss} with seed {wildcards.seed}"
    shell:  # the epochs go to the terminal, the rest to the log
        "python -m radpipe train --pack results/{wildcards.dataset}/pack --split {input.split}"
        " --index results/{wildcards.dataset}/index --weights {input.weights} --standard {input.standard}"
        " --spec {params.spec:q} --image {params.image:q} --loss {wildcards.loss} --seed {wildcards.seed}"
        " --output $(dirname {output.model})"
        " --track {wildcards.dataset} 2> {log}"
