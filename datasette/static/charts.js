// Draws what pages put beside their tables, with Chart.js (vendor/chart.js). Lines differ by dash and mark, bars by pattern:
// no distinction rests on colour alone. The tables stay, with the same numbers.
"use strict";
const INK = ["#9c1c14", "#1f4e79", "#3d6b1f", "#6a3d8f"];
const DASH = [[], [8, 4], [2, 3], [10, 3, 2, 3]];
const MARK = ["circle", "rect", "triangle", "star"];

function hatched(ink, number) {
  if (number === 0) return ink;
  const tile = Object.assign(document.createElement("canvas"), { width: 8, height: 8 });
  const pen = tile.getContext("2d");
  pen.fillStyle = "#fff";
  pen.fillRect(0, 0, 8, 8);
  pen.strokeStyle = ink;
  pen.lineWidth = 2;
  pen.beginPath();
  for (const x of [-4, 0, 4, 8]) {
    pen.moveTo(number % 2 ? x : 8 - x, 8);
    pen.lineTo(number % 2 ? x + 8 : -x, 0);
  }
  pen.stroke();
  return pen.createPattern(tile, "repeat");
}

// An axis on which a year is as long as the next, however many numbers it has; dates with numbers are labelled where there is room.
const ROOM = 75; // pixels of a date
function alongTime(labels, times) {
  return {
    type: "linear",
    afterBuildTicks: (axis) => {
      const apart = (axis.max - axis.min) * ROOM / axis.chart.width;
      const labelled = times.reduce((kept, time) => time - kept.at(-1) < apart ? kept : [...kept, time], times.slice(0, 1));
      axis.ticks = labelled.map((value) => ({ value }));
    },
    ticks: { callback: (value) => labels[times.indexOf(value)] },
  };
}

function draw(canvas) {
  const { kind, labels, series } = JSON.parse(document.getElementById(canvas.dataset.chart).textContent);
  const dated = kind === "line" && labels.every((label) => /^\d{4}(-\d\d){0,2}( |$)/.test(label));
  const times = dated && labels.map((label) => Date.parse(label.split(" ")[0])); // 2021-06-28 报道 reported
  const lying = kind === "bar" && labels.some((label) => String(label).length > 8);
  if (lying) canvas.parentElement.classList.add("tall");
  new Chart(canvas, {
    type: kind,
    data: {
      labels,
      datasets: series.map(({ label, values }, number) => ({
        label,
        data: dated ? values.map((y, index) => ({ x: times[index], y })) : values,
        borderColor: INK[number % 4],
        backgroundColor: kind === "bar" ? hatched(INK[number % 4], number) : INK[number % 4],
        borderDash: kind === "line" ? DASH[number % 4] : [],
        borderWidth: kind === "bar" ? 1 : 2,
        pointStyle: MARK[number % 4],
        pointRadius: 5,
        spanGaps: true,
      })),
    },
    options: {
      indexAxis: lying ? "y" : "x",
      animation: false, // a bar on its way to its number is a wrong number
      maintainAspectRatio: false,
      scales: {
        [lying ? "x" : "y"]: { beginAtZero: true, ticks: { maxTicksLimit: 6 } },
        ...(dated && { x: alongTime(labels, times) }),
      },
      plugins: {
        legend: { display: series.length > 1, labels: { usePointStyle: kind === "line" } },
        tooltip: { callbacks: dated ? { title: ([point]) => labels[times.indexOf(point.parsed.x)] } : {} },
      },
    },
  });
}

document.addEventListener("DOMContentLoaded", () => document.querySelectorAll("canvas[data-chart]").forEach(draw));
