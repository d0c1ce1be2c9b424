"""What a deployment says when it cannot go on."""


class DeployError(RuntimeError):
    """A sentence or more for an operator: what is lacking, and how to come by it."""


class TerraformMissing(DeployError):
    """There is no Terraform here, or it gets no providers, so nothing can be planned."""
