// Before the first paint, and a file of its own as the page may have no scripts inside.
document.documentElement.dataset.theme = localStorage.getItem("tertulia.theme") ?? "system";
