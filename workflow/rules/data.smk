# needs  the published tables and images below datasets.<dataset>.root
# makes  index: images, labels, boxes; validate: usable files; split: patient -> part;
#        audit.json, weights.json, standard.json


rule phantom:
    """Make the synthetic twin of a published data set: a complete raw folder."""
    input:
        code("phantom"),
    output:
        "data/phantom/{phantom}/phantom.json",  # written last, after all images
    log:
        "logs/phantom/{phantom}.log",
    conda:
        "../../envs/cpu.yaml"
    threads: ALL_CORES
    params:
        spec=lambda wildcards: parameters.phantoms[wildcards.phantom].model_dump_json(),
        step=own_text("phantom"),
    message:
        "{wildcards.phantom}: make the phantom"
    shell:
        "python -m radpipe phantom --spec {params.spec:q} --output data/phantom/{wildcards.phantom}"
        " --threads {threads} 2> {log}"


rule index:
    """Reshape the published tables into images, labels and boxes."""
    input:
        code("index"),
        made=made,
    output:
        images="results/{dataset}/index/images.parquet",
        labels="results/{dataset}/index/labels.parquet",
        boxes="results/{dataset}/index/boxes.parquet",
        summary="results/{dataset}/index/summary.json",
    log:
        "logs/{dataset}/index.log",
    conda:
        "../../envs/cpu.yaml"
    params:
        spec=section("source"),
        raw=raw,
        step=own_text("index"),
    message:
        "{wildcards.dataset}: read the tables"
    shell:
        "python -m radpipe index --spec {params.spec:q} --output results/{wildcards.dataset}/index 2> {log}"


rule validate:
    """Look for every image and at its header; reject, with a reason, what cannot be used."""
    input:
        code("validate"),
        made=made,
        images=rules.index.output.images,
    output:
        accepted="results/{dataset}/validate/accepted.parquet",
        rejected="results/{dataset}/validate/rejected.csv",
        headers="results/{dataset}/validate/headers.parquet",
        summary="results/{dataset}/validate/summary.json",
    log:
        "logs/{dataset}/validate.log",
    conda:
        "../../envs/cpu.yaml"
    threads: ALL_CORES
    params:
        root=root,
        spec=section("validate"),
        links=section("links"),
        raw=raw,
        step=own_text("validate"),
    message:
        "{wildcards.dataset}: look at every image"
    shell:
        "python -m radpipe validate --images {input.images} --root {params.root:q} --spec {params.spec:q}"
        " --links {params.links:q} --output results/{wildcards.dataset}/validate --threads {threads} 2> {log}"


rule split:
    """Give every patient one part."""
    input:
        code("split"),
        rows=rows,
        images=rules.index.output.images,
        labels=rules.index.output.labels,
    output:
        split="results/{dataset}/split.parquet",
        summary="results/{dataset}/split.json",
    log:
        "logs/{dataset}/split.log",
    conda:
        "../../envs/cpu.yaml"
    params:
        spec=section("split"),
        targets=section("targets"),
        step=own_text("split"),
    message:
        "{wildcards.dataset}: split the patients"
    shell:
        "python -m radpipe split --rows {input.rows} --index results/{wildcards.dataset}/index"
        " --spec {params.spec:q} --targets {params.targets:q} --output {output.split} 2> {log}"


rule audit:
    """Search the parts for leaks: training waits for it, and a leak stops the run."""
    input:
        code("audit"),
        rows=rows,
        pixels=pixels,
        split=rules.split.output.split,
        parts=rules.split.output.summary,
        images=rules.index.output.images,
        labels=rules.index.output.labels,
        summary=rules.index.output.summary,
        headers=rules.validate.output.headers,
    output:
        "results/{dataset}/audit.json",
    log:
        "logs/{dataset}/audit.log",
    conda:
        "../../envs/cpu.yaml"
    params:
        step=own_text("audit"),
    message:
        "{wildcards.dataset}: search the parts for leaks"
    shell:
        "python -m radpipe audit --rows {input.rows} --split {input.split}"
        " --index results/{wildcards.dataset}/index --headers {input.headers} --output {output} 2> {log}"


rule weigh:
    """Compute the class weights from the training patients."""
    input:
        code("weigh"),
        rows=rows,
        split=rules.split.output.split,
        images=rules.index.output.images,
        labels=rules.index.output.labels,
    output:
        "results/{dataset}/weights.json",
    log:
        "logs/{dataset}/weigh.log",
    conda:
        "../../envs/cpu.yaml"
    params:
        targets=section("targets"),
        step=own_text("weigh"),
    message:
        "{wildcards.dataset}: weigh the findings"
    shell:
        "python -m radpipe weigh --split {input.split} --rows {input.rows}"
        " --index results/{wildcards.dataset}/index --targets {params.targets:q} --output {output} 2> {log}"


rule standardise:
    """Measure mean and standard deviation of the training pixels."""
    input:
        code("standardise"),
        pixels="results/{dataset}/pack/pixels.npy",
        rows="results/{dataset}/pack/rows.parquet",
        split=rules.split.output.split,
        images=rules.index.output.images,
        labels=rules.index.output.labels,
    output:
        "results/{dataset}/standard.json",
    log:
        "logs/{dataset}/standardise.log",
    conda:
        "../../envs/cpu.yaml"
    params:
        step=own_text("standardise"),
    message:
        "{wildcards.dataset}: measure the training pixels"
    shell:
        "python -m radpipe standardise --pack results/{wildcards.dataset}/pack --split {input.split}"
        " --index results/{wildcards.dataset}/index --output {output} 2> {log}"
