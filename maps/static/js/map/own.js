/* The phone's small map: where the task is, where this phone is, and how sure that is. */
import { incidentSign } from "../common/symbols.js";

export class Own {
  constructor(map) {
    this.map = map;
    map.createPane("signs").style.zIndex = "600";
    this.touched = false;
    map.on("dragstart", () => (this.touched = true));
  }

  task(incident, late) {
    const same = incident && this.incident?.id === incident.id && this.late === late;
    if (same) return;
    this.sign?.remove();
    this.sign = null;
    if (incident?.id !== this.incident?.id) this.touched = false;
    Object.assign(this, { incident, late });
    if (incident) {
      const html = incidentSign({ urgency: incident.urgency, overdue: late });
      const icon = L.divIcon({ html, className: "incident", iconSize: [48, 48] });
      this.sign = L.marker([incident.lat, incident.lng], { icon, pane: "signs", interactive: false }).addTo(this.map);
    }
    this.look();
  }

  here({ lat, lng, accuracy }) {
    const at = L.latLng(lat, lng);
    if (!this.dot) {
      this.area = L.circle(at, { radius: accuracy, className: "own-area", interactive: false }).addTo(this.map);
      this.dot = L.circleMarker(at, { radius: 8, className: "own-dot", interactive: false }).addTo(this.map);
    }
    this.area.setLatLng(at).setRadius(accuracy);
    this.dot.setLatLng(at);
    this.at = at;
    this.look();
  }

  /* Where names may not be written: circles in layer pixels. */
  places() {
    if (!this.incident) return [];
    const { x, y } = this.map.latLngToLayerPoint([this.incident.lat, this.incident.lng]);
    return [{ x, y, r: 24 }];
  }

  metresToTask() {
    return this.at && this.incident ? this.at.distanceTo([this.incident.lat, this.incident.lng]) : null;
  }

  /* Keep task and person in view until somebody pans. */
  look() {
    this.map.invalidateSize({ animate: false });
    if (this.touched || (!this.incident && !this.at)) return;
    const points = [this.at, this.incident && L.latLng(this.incident.lat, this.incident.lng)].filter(Boolean);
    const near = points.length === 1 || points[0].distanceTo(points[1]) < 5000;
    this.map.fitBounds(L.latLngBounds(near ? points : points.slice(-1)), { padding: [44, 44], maxZoom: 17, animate: false });
  }
}
