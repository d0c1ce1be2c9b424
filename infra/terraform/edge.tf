# With `edge`: a load balancer with Cloud Armor before the pages and the functions, which are then closed to all else.
#
# Firebase Hosting cannot be that edge: it calls a function from outside, as everybody does, so a function that it
# reaches is open. Here the domains lead to the balancer, and Hosting serves only pages.

locals {
  edge = var.edge ? { this = true } : {}

  # Called by the balancer alone. The simulated vendor is none of them: deliver calls it by its own address.
  behind_edge = var.edge ? toset(distinct([for route in local.routes : route.function])) : toset([])
}

resource "google_compute_security_policy" "edge" {
  for_each = local.edge

  project     = var.project
  name        = "${var.name}-edge"
  description = "How much one address may ask of ${var.name}"

  # Made of rules of their own, after one of Google's that allows everybody.
  lifecycle { ignore_changes = [rule] }

  depends_on = [google_project_service.this]
}

resource "google_compute_security_policy_rule" "edge" {
  for_each = local.edge

  project         = var.project
  security_policy = google_compute_security_policy.edge["this"].name
  description     = "So many calls a minute from one address"
  action          = "throttle"
  priority        = 1000

  match {
    versioned_expr = "SRC_IPS_V1"
    config { src_ip_ranges = ["*"] }
  }
  rate_limit_options {
    conform_action = "allow"
    exceed_action  = "deny(429)"
    enforce_on_key = "IP"

    rate_limit_threshold {
      count        = var.edge_calls_per_minute
      interval_sec = 60
    }
  }
}

resource "google_compute_region_network_endpoint_group" "function" {
  for_each = local.behind_edge

  project               = var.project
  region                = var.region
  name                  = "${var.name}-${each.key}"
  network_endpoint_type = "SERVERLESS"

  cloud_run {
    service = local.made[each.key].name
  }
}

resource "google_compute_backend_service" "function" {
  for_each = local.behind_edge

  project               = var.project
  name                  = "${var.name}-${each.key}"
  protocol              = "HTTPS"
  load_balancing_scheme = "EXTERNAL_MANAGED"
  security_policy       = google_compute_security_policy.edge["this"].id

  backend {
    group = google_compute_region_network_endpoint_group.function[each.key].id
  }
}

resource "google_compute_global_network_endpoint_group" "pages" {
  for_each = local.edge

  project               = var.project
  name                  = "${var.name}-pages"
  network_endpoint_type = "INTERNET_FQDN_PORT"
  default_port          = 443

  depends_on = [google_project_service.this]
}

resource "google_compute_global_network_endpoint" "pages" {
  for_each = local.edge

  project                       = var.project
  global_network_endpoint_group = google_compute_global_network_endpoint_group.pages["this"].name
  fqdn                          = "${local.site_id}.web.app"
  port                          = 443
}

resource "google_compute_backend_service" "pages" {
  for_each = local.edge

  project                = var.project
  name                   = "${var.name}-pages"
  protocol               = "HTTPS"
  load_balancing_scheme  = "EXTERNAL_MANAGED"
  security_policy        = google_compute_security_policy.edge["this"].id
  custom_request_headers = ["Host: ${local.site_id}.web.app"]

  backend {
    group = google_compute_global_network_endpoint_group.pages["this"].id
  }

  depends_on = [google_compute_global_network_endpoint.pages]
}

resource "google_compute_url_map" "edge" {
  for_each = local.edge

  project         = var.project
  name            = "${var.name}-edge"
  default_service = google_compute_backend_service.pages["this"].id

  host_rule {
    hosts        = var.domains
    path_matcher = "app"
  }
  path_matcher {
    name            = "app"
    default_service = google_compute_backend_service.pages["this"].id

    # The longest prefix wins, which is the first that fits in the list.
    dynamic "path_rule" {
      for_each = local.routes

      content {
        paths   = [path_rule.value.prefix, "${path_rule.value.prefix}/*"]
        service = google_compute_backend_service.function[path_rule.value.function].id
      }
    }
  }
}

resource "google_compute_managed_ssl_certificate" "edge" {
  for_each = local.edge

  project = var.project
  name    = "${var.name}-edge"

  managed {
    domains = var.domains
  }

  depends_on = [google_project_service.this]
}

resource "google_compute_ssl_policy" "edge" {
  for_each = local.edge

  project         = var.project
  name            = "${var.name}-edge"
  profile         = "MODERN"
  min_tls_version = "TLS_1_2"

  depends_on = [google_project_service.this]
}

resource "google_compute_target_https_proxy" "edge" {
  for_each = local.edge

  project          = var.project
  name             = "${var.name}-edge"
  url_map          = google_compute_url_map.edge["this"].id
  ssl_certificates = [google_compute_managed_ssl_certificate.edge["this"].id]
  ssl_policy       = google_compute_ssl_policy.edge["this"].id
}

resource "google_compute_global_address" "edge" {
  for_each = local.edge

  project = var.project
  name    = "${var.name}-edge"

  depends_on = [google_project_service.this]
}

resource "google_compute_global_forwarding_rule" "edge" {
  for_each = local.edge

  project               = var.project
  name                  = "${var.name}-edge"
  target                = google_compute_target_https_proxy.edge["this"].id
  ip_address            = google_compute_global_address.edge["this"].address
  port_range            = "443"
  load_balancing_scheme = "EXTERNAL_MANAGED"
}
