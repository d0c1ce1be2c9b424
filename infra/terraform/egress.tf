# With `static_egress`: whoever calls a vendor does so from one address.

locals {
  calling_out = ["campaigns", "deliver"]
  static      = var.static_egress ? { this = true } : {}
  network = var.static_egress ? {
    network    = google_compute_network.egress["this"].id
    subnetwork = google_compute_subnetwork.egress["this"].id
  } : null
}

resource "google_compute_network" "egress" {
  for_each = local.static

  project                 = var.project
  name                    = "${var.name}-egress"
  auto_create_subnetworks = false

  depends_on = [google_project_service.this]
}

# Each instance takes up to two addresses, also for some minutes after its end. Google's own interfaces are called from within.
resource "google_compute_subnetwork" "egress" {
  for_each = local.static

  project                  = var.project
  region                   = var.region
  name                     = "${var.name}-egress"
  network                  = google_compute_network.egress["this"].id
  ip_cidr_range            = "10.64.0.0/22"
  private_ip_google_access = true
}

resource "google_compute_router" "egress" {
  for_each = local.static

  project = var.project
  region  = var.region
  name    = "${var.name}-egress"
  network = google_compute_network.egress["this"].id
}

resource "google_compute_address" "egress" {
  for_each = local.static

  project = var.project
  region  = var.region
  name    = "${var.name}-egress"

  depends_on = [google_project_service.this]
}

resource "google_compute_router_nat" "egress" {
  for_each = local.static

  project                            = var.project
  region                             = var.region
  name                               = "${var.name}-egress"
  router                             = google_compute_router.egress["this"].name
  nat_ip_allocate_option             = "MANUAL_ONLY"
  nat_ips                            = [google_compute_address.egress["this"].self_link]
  source_subnetwork_ip_ranges_to_nat = "LIST_OF_SUBNETWORKS"
  enable_dynamic_port_allocation     = true
  min_ports_per_vm                   = 64
  max_ports_per_vm                   = 4096

  subnetwork {
    name                    = google_compute_subnetwork.egress["this"].id
    source_ip_ranges_to_nat = ["ALL_IP_RANGES"]
  }
}
