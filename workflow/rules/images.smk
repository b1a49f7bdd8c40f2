# needs  the accepted images
# makes  one array of all of them, each decoded once


rule pack:
    """Decode each accepted image once, into one memory-mapped array; reject what does not decode."""
    input:
        code("pack"),
        made=made,
        accepted=rules.validate.output.accepted,
        images=rules.index.output.images,
        labels=rules.index.output.labels,
    output:
        pixels="results/{dataset}/pack/pixels.npy",
        rows="results/{dataset}/pack/rows.parquet",
        rejected="results/{dataset}/pack/rejected.csv",
        summary="results/{dataset}/pack/summary.json",
    log:
        "logs/{dataset}/pack.log",
    conda:
        "../../envs/cpu.yaml"
    threads: ALL_CORES
    params:
        root=root,
        spec=section("image"),
        limits=section("validate"),
        links=section("links"),
        raw=raw,
        step=own_text("pack"),
    message:
        "{wildcards.dataset}: decode the images"
    shell:
        "python -m radpipe pack --accepted {input.accepted} --index results/{wildcards.dataset}/index"
        " --root {params.root:q} --spec {params.spec:q} --limits {params.limits:q}"
        " --links {params.links:q} --output results/{wildcards.dataset}/pack --threads {threads} 2> {log}"
